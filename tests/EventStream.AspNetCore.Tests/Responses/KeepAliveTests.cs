using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class KeepAliveTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_OfTheInterval_LoneCommentLineAndNothingLost(bool http2)
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages())), http2: http2);
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        app.Time.Advance(Interval);
        (await stream.ReadLineAsync()).Should().Be(":\n");
        app.Time.Advance(Interval);
        (await stream.ReadLineAsync()).Should().Be(":\n");

        source.Send(new() { Data = "pending" });
        source.Finish();
        (await stream.ReadToEndAsync()).Should().Be("data: pending\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Traffic_WithinTheInterval_NoKeepAlive()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages())));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        for (var i = 0; i < 5; i++)
        {
            app.Time.Advance(Interval / 2);
            source.Send(new() { Data = "tick" });
            (await stream.ReadAsync("data: tick\n\n")).Should().Be("data: tick\n\n");
        }

        source.Finish();
        (await stream.ReadToEndAsync()).Should().BeEmpty("each message put the next keep-alive off");
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_NamedEventByOption_IsWritten()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.KeepAlive = EventStreamKeepAlive.Event("ping"))));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        app.Time.Advance(Interval);

        (await stream.ReadAsync("event: ping\ndata: \n\n")).Should().Be("event: ping\ndata: \n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_SwitchedOff_NothingIsWritten()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages(), o => o.KeepAliveInterval = null)));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        app.Time.Advance(TimeSpan.FromHours(1));
        source.Finish();

        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }
}
