using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class LifetimeTests
{
    [Fact(Timeout = 30_000)]
    public async Task MaxLifetime_IsReached_CleanEndWithoutAFarewell()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages(), o =>
        {
            o.MaxLifetime = TimeSpan.FromMinutes(10);
            o.KeepAliveInterval = null;
        })));
        await using var stream = await app.ListenAsync("/");

        await stream.ExpectSilenceAsync(TimeSpan.FromMinutes(8.9));
        source.Send(new() { Data = "still here" });
        (await stream.NextAsync()).Data.Should().Be("still here", "the jitter is at most a tenth");
        await app.Time.AdvanceAsync(TimeSpan.FromMinutes(1.2));

        await stream.ExpectEndAsync();
        stream.Body.Should().EndWith("data: still here\n\n", "there is no farewell");
        await source.Ended.OrFail();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteTimeout_ReaderStopsReading_ConnectionIsAbortedAndTheSourceEnds(bool http2)
    {
        var ended = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Flood(ended))), http2: http2);
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        // The buffers of the server, the kernel and the client fill up, because the client does not read.
        await app.AdvanceUntilAsync(ended.Task, TimeSpan.FromSeconds(1));

        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: ReaderStalled.")));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    private static async IAsyncEnumerable<EventStreamMessage> Flood(TaskCompletionSource ended)
    {
        try
        {
            var text = new string('x', 64 * 1024);
            while (true) yield return new() { Data = text };
        }
        finally
        {
            ended.TrySetResult();
            await Task.CompletedTask;
        }
    }
}
