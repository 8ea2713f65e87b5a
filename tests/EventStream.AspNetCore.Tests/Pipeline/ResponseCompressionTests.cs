using System.Buffers.Binary;
using System.IO.Compression;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Response compression in an app that has added <c>text/event-stream</c> to its MIME types.</summary>
public sealed class ResponseCompressionTests
{
    private const string Three = "id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compress_MessagesOneByOne_EachArrivesAtOnce(string encoding)
    {
        var source = new DrivenSource();
        await using var app = await StartAsync(() => source.Messages());
        using var stream = await OpenAsync(app, encoding);
        await stream.ReadRetryAsync();

        for (var number = 0; number < 5; number++) await stream.ShouldPassAtOnceAsync(source, $"message {number}");

        source.Finish();
        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compress_NothingToSendYet_HeadersLeaveAtOnce(string encoding)
    {
        var source = new DrivenSource();
        await using var app = await StartAsync(() => source.Messages(), o => o.Retry = null);

        using var stream = await OpenAsync(app, encoding);

        stream.Header("Content-Type").Should().Be("text/event-stream");
        await stream.ShouldPassAtOnceAsync(source, "first");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compress_Silence_KeepAlivesArrive(string encoding)
    {
        await using var app = await StartAsync(() => Silent.Forever());
        using var stream = await OpenAsync(app, encoding);
        await stream.ReadRetryAsync();

        var keepAlive = stream.ReadLineAsync();
        await app.AdvanceUntilAsync(keepAlive, TimeSpan.FromSeconds(1));

        (await keepAlive).Should().Be(":\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compress_SourceEnds_SameMessagesAsWithoutCompression(string encoding)
    {
        await using var app = await StartAsync(() => Numbered.Messages(0, 1000));
        using var plain = await app.OpenAsync("/");
        plain.Header("Content-Encoding").Should().BeNull();

        using var compressed = await OpenAsync(app, encoding);

        (await compressed.ReadMessagesToEndAsync()).Should().Be(await plain.ReadMessagesToEndAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task Compress_SourceEnds_TrailerIsComplete()
    {
        await using var app = await StartAsync(() => Numbered.Messages(0, 3), o => o.Retry = null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.AcceptEncoding.ParseAdd("gzip");

        using var response = await app.Client.SendAsync(request).OrFail();

        var bytes = await response.Content.ReadAsByteArrayAsync();
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(^4..))
            .Should().Be(Three.Length, "a gzip member ends with the length of what is in it");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compress_SourceFails_MessagesArriveAndTheCutIsVisible(string encoding)
    {
        await using var app = await StartAsync(ThreeThenThrow);
        using var stream = await OpenAsync(app, encoding);
        await stream.ReadRetryAsync();

        (await stream.ReadAsync(Three)).Should().Be(Three);
        await stream.ReadRetryAsync();
        var readingOn = () => stream.ReadToEndAsync();

        await readingOn.Should().ThrowAsync<IOException>("the response must not look complete");
    }

    private static async IAsyncEnumerable<EventStreamMessage> ThreeThenThrow()
    {
        await foreach (var message in Numbered.Messages(0, 3)) yield return message;
        throw new InvalidTimeZoneException();
    }

    private static async Task<StreamReading> OpenAsync(TestApp app, string encoding)
    {
        var stream = await app.OpenAsync("/", change: request => request.Headers.AcceptEncoding.ParseAdd(encoding));
        stream.Header("Content-Encoding").Should().Be(encoding);
        var body = await stream.Response.Content.ReadAsStreamAsync();
        return new(
            stream.Response,
            encoding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress));
    }

    private static Task<TestApp> StartAsync(
        Func<IAsyncEnumerable<EventStreamMessage>> source, Action<EventStreamOptions>? configure = null) => TestApp.StartAsync(
        app =>
        {
            app.UseResponseCompression();
            app.MapGet("/", () => Results.EventStream(source(), configure));
        },
        services => services.AddResponseCompression(o => o.MimeTypes = ["text/event-stream"]));
}
