using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>What else goes over a stream's connection.</summary>
public sealed class ConnectionTests
{
    [Fact(Timeout = 30_000)]
    public async Task Http2_StreamsOnOneConnection_EachIsLiveAndEndsByItself()
    {
        var sources = new SourcePerRequest();
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.MapGet("/", (HttpContext context) =>
                {
                    context.Response.Headers["X-Connection"] = context.Connection.Id;
                    return Results.EventStream(sources.Open());
                });
                app.MapGet("/page", (HttpContext context) => context.Connection.Id);
            },
            http2: true);
        List<(StreamReading Stream, DrivenSource Source)> open = [];
        for (var number = 0; number < 20; number++)
        {
            var stream = await app.OpenAsync("/");
            await stream.ReadRetryAsync();
            open.Add((stream, await sources.NextAsync()));
        }

        foreach (var (stream, source) in open.AsEnumerable().Reverse()) await stream.ShouldPassAtOnceAsync(source, "its own");
        open[0].Stream.Dispose();
        await open[0].Source.Ended.OrFail();
        open[1].Source.Finish();
        (await open[1].Stream.ReadToEndAsync()).Should().BeEmpty();

        foreach (var (stream, source) in open.Skip(2)) await stream.ShouldPassAtOnceAsync(source, "still open");
        var connection = await app.Client.GetStringAsync("/page").OrFail();
        open.Select(one => one.Stream.Header("X-Connection")).Should().OnlyContain(id => id == connection);
        open.ForEach(one => one.Stream.Dispose());
    }

    [Fact(Timeout = 30_000)]
    public async Task Http11_PostWithAChunkedBody_SourceReadsItAndContinuesAfterItsEnd()
    {
        var source = new DrivenSource();
        string? sentAs = null;
        await using var app = await TestApp.StartAsync(app => app.MapPost("/", (HttpRequest request) =>
        {
            sentAs = request.Headers.TransferEncoding;
            return Results.EventStream(LinesThen(request.Body, source.Messages()));
        }));
        var lines = Enumerable.Range(0, 10_000).Select(number => $"line {number}").ToList();

        using var stream = await app.OpenAsync("/", change: request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            request.Headers.TransferEncodingChunked = true;
        });

        await stream.ReadRetryAsync();
        var expected = string.Concat(lines.Select(line => $"data: {line}\n\n"));
        (await stream.ReadAsync(expected)).Should().Be(expected);
        await stream.ShouldPassAtOnceAsync(source, "after the body");
        sentAs.Should().Be("chunked");
    }

    private static async IAsyncEnumerable<EventStreamMessage> LinesThen(Stream body, IAsyncEnumerable<EventStreamMessage> rest)
    {
        using var reader = new StreamReader(body);
        while (await reader.ReadLineAsync() is { } line) yield return new() { Data = line };
        await foreach (var message in rest) yield return message;
    }
}
