using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Request timeouts by a short default policy. That middleware knows no clock but the system's.</summary>
public sealed class RequestTimeoutTests
{
    private readonly SourcePerRequest _sources = new();

    [Fact(Timeout = 30_000)]
    public async Task Timeout_ShorterThanTheStreams_EachOutlivesIt()
    {
        await using var app = await StartAsync();
        List<(StreamReading Stream, DrivenSource Source)> open = [];
        foreach (var path in StreamEndpoints.Known) open.Add(await OpenAsync(app, path.Data));

        await OutliveTheTimeoutAsync(app);

        foreach (var (stream, source) in open)
        {
            await stream.ShouldPassAtOnceAsync(source, "after the timeout");
            stream.Dispose();
        }

        app.Log.AtLeast(LogLevel.Warning).Where(entry => entry.Category.StartsWith("EventStream")).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Timeout_NothingReportsThatItStreams_StreamOutlivesItAndOneWarningNamesTheCall()
    {
        await using var app = await StartAsync();
        var (stream, source) = await OpenAsync(app, StreamEndpoints.Hidden);
        var (another, _) = await OpenAsync(app, StreamEndpoints.Hidden);

        await OutliveTheTimeoutAsync(app);

        await stream.ShouldPassAtOnceAsync(source, "after the timeout");
        app.Log.AtLeast(LogLevel.Warning).Where(entry => entry.Category.StartsWith("EventStream")).Should().ContainSingle().Which.Message
            .Should().Contain(StreamEndpoints.Hidden).And.Contain("the request timeout").And.Contain(".WithEventStreamDefaults()");
        stream.Dispose();
        another.Dispose();
    }

    private async Task<(StreamReading Stream, DrivenSource Source)> OpenAsync(TestApp app, string path)
    {
        var stream = await app.OpenAsync(path);
        await stream.ReadRetryAsync();
        return (stream, await _sources.NextAsync());
    }

    // A request that came after the streams and ran into the timeout: theirs would have come before it.
    private static async Task OutliveTheTimeoutAsync(TestApp app)
    {
        using var response = await app.Client.GetAsync("/slow").OrFail();
        response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
    }

    private Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.UseRequestTimeouts();
            app.MapStreams(_sources);
            app.MapGet("/slow", (HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        },
        services =>
        {
            services.AddStreams(_sources);
            services.AddRequestTimeouts(o => o.DefaultPolicy = new() { Timeout = TimeSpan.FromSeconds(1) });
        });
}
