using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class HeadersTests
{
    [Fact(Timeout = 30_000)]
    public async Task Open_SourceHasNoMessageYet_HeadersLeaveAtOnce()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())));

        using var stream = await app.OpenAsync("/");

        stream.Header("Content-Type").Should().Be("text/event-stream");
        stream.Header("Cache-Control").Should().Be("no-cache, no-store, no-transform");
        stream.Header("X-Accel-Buffering").Should().Be("no");
        (await stream.ReadRetryAsync()).Should().BeInRange(3000, 4500);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_SourceEnds_MessagesAndCleanEnd()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(0, 3))));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n");
    }
}
