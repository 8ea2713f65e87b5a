using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A client that takes compressed answers, as all browsers do.</summary>
internal sealed class Compression() : Check(
    "compression",
    "To Accept-Encoding: gzip, br each message comes when it is made: a compressor that is not flushed holds it back.")
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, subject.Settings.Stream);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        var waiting = new Deadline(subject.Limits.Message);
        using var response = await subject.AskAsync(request);
        var path = subject.Settings.Stream.PathAndQuery;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Outcome.Lack($"{path} answered {(int)response.StatusCode}, where a stream was expected");
        }

        var type = response.Content.Headers.ContentType?.MediaType ?? "no Content-Type";
        if (!type.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return Outcome.Lack($"{path} answered 200, {Printable.Of(type)}, where a stream was expected");
        }

        var encoding = string.Join(", ", response.Content.Headers.ContentEncoding);
        var seen = encoding.Length == 0 ? "not compressed" : $"Content-Encoding: {Printable.Of(encoding)}";
        await using var body = Decoded(await response.Content.ReadAsStreamAsync(), encoding);
        try
        {
            return await HasMessageAsync(body, waiting)
                ? Outcome.Pass($"{seen}, the first message after {Duration.Show(waiting.Passed)}")
                : Outcome.Lack($"{seen}, no message within {Duration.Show(subject.Limits.Message)}");
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            // The first is of the decoder for gzip, the second of the one for Brotli.
            return Outcome.Lack($"{seen}, and the body is something else");
        }
    }

    private static Stream Decoded(Stream body, string encoding) => encoding switch
    {
        "" or "identity" => body,
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        _ => throw new LackException($"Content-Encoding: {Printable.Of(encoding)}, which was not asked for"),
    };

    private static async Task<bool> HasMessageAsync(Stream body, Deadline deadline)
    {
        using var tooLate = new CancellationTokenSource(deadline.Left);
        var (splitter, blocks, buffer) = (new LineSplitter(), new BlockAssembly(), new byte[StreamBounds.Piece]);
        try
        {
            while (!deadline.IsOver)
            {
                var count = await body.ReadAsync(buffer, tooLate.Token);
                if (count == 0) return false;
                foreach (var line in splitter.Split(buffer.AsSpan(0, count)))
                {
                    if (blocks.Add(line) is { IsEvent: true }) return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // No message in time is what is to be found out.
        }

        return false;
    }
}
