using System.IO.Compression;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An app behind a real nginx with its defaults: it speaks HTTP/1.0 to the app, and collects what the app answers.</summary>
[Trait("Category", "Linux")]
public sealed class NginxTests
{
    private readonly DrivenSource _source = new();

    [Fact(Timeout = 30_000)]
    public async Task Proxy_Defaults_HeadersAndEachMessageArriveAtOnce()
    {
        await using var app = await StartAsync();
        await using var nginx = await Nginx.StartAsync(app.Address);

        using var stream = await app.OpenAsync(nginx.At("/"));

        stream.Header("Server").Should().StartWith("nginx");
        stream.Header("Content-Type").Should().Be("text/event-stream");
        await ReadLiveToEndAsync(stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Proxy_Silence_KeepAlivesArrive()
    {
        await using var app = await StartAsync();
        await using var nginx = await Nginx.StartAsync(app.Address);
        using var stream = await app.OpenAsync(nginx.At("/"));
        await stream.ReadRetryAsync();

        var keepAlive = stream.ReadLineAsync();
        await app.AdvanceUntilAsync(keepAlive, TimeSpan.FromSeconds(1));

        (await keepAlive).Should().Be(":\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Proxy_ClientLeaves_SourceIsCancelled()
    {
        await using var app = await StartAsync();
        await using var nginx = await Nginx.StartAsync(app.Address);
        var stream = await app.OpenAsync(nginx.At("/"));
        await stream.ReadRetryAsync();

        stream.Dispose();

        await _source.Cancelled.OrFail();
        await _source.Ended.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Proxy_ClientResumes_PositionPasses()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(lastEventId => Numbered.Messages(int.Parse(lastEventId!) + 1, 1))));
        await using var nginx = await Nginx.StartAsync(app.Address);

        using var stream = await app.OpenAsync(nginx.At("/"), lastEventId: "41");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 42\ndata: message 42\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Proxy_CompressesEventStreams_EachMessageArrivesAtOnce()
    {
        await using var app = await StartAsync();
        await using var nginx = await Nginx.StartAsync(app.Address, "gzip on; gzip_types text/event-stream; gzip_proxied any;");

        using var raw = await app.OpenAsync(nginx.At("/"), change: request => request.Headers.AcceptEncoding.ParseAdd("gzip"));

        raw.Header("Content-Encoding").Should().Be("gzip");
        await ReadLiveToEndAsync(
            new(raw.Response, new GZipStream(await raw.Response.Content.ReadAsStreamAsync(), CompressionMode.Decompress)));
    }

    // nginx obeys X-Accel-Buffering and removes it. A second nginx in front of it buffers the stream, unless the first is configured to
    // pass the header on.
    [Fact(Timeout = 30_000)]
    public async Task TwoProxies_InnerPassesTheHeaderOn_EachMessageArrivesAtOnce()
    {
        await using var app = await StartAsync();
        await using var inner = await Nginx.StartAsync(app.Address, "proxy_pass_header X-Accel-Buffering;");
        await using var outer = await Nginx.StartAsync(inner.Address);

        using var stream = await app.OpenAsync(outer.At("/"));

        await ReadLiveToEndAsync(stream);
    }

    private async Task ReadLiveToEndAsync(StreamReading stream)
    {
        await stream.ReadRetryAsync();
        for (var number = 0; number < 3; number++) await stream.ShouldPassAtOnceAsync(_source, $"message {number}");
        _source.Finish();
        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    private Task<TestApp> StartAsync() => TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(_source.Messages())));
}
