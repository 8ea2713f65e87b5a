using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>The last bytes of a stream have their own time: a client is not cut because the source was slow to stop.</summary>
public sealed class FarewellTests
{
    private readonly TaskCompletionSource<HeldBody> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _isStopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayStop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CancellationToken _aborted;

    [Fact(Timeout = 30_000)]
    public async Task HostStops_SourceIsSlowToStop_FarewellHasTheTimeOfASource()
    {
        await using var app = await StartAsync(o => o.WriteTimeout = null);
        using var stream = await app.OpenAsync("/silent");
        await stream.ReadRetryAsync();
        var body = await _opened.Task.OrFail();
        body.Hold();

        var stopping = app.App.StopAsync();
        await StopSourceInAsync(app, TimeSpan.FromSeconds(0.8));
        await Soon.Until(() => body.Held == 1, "the farewell");
        app.Time.Advance(TimeSpan.FromSeconds(0.8));
        await ShouldNotBeCutAsync();
        body.LetAllGo();

        await stream.ReadRetryAsync();
        (await stream.ReadToEndAsync()).Should().BeEmpty("the end is clean");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_FarewellIsNotRead_IsCutWithinTheTimeOfASource()
    {
        await using var app = await StartAsync(o => o.WriteTimeout = null);
        using var stream = await app.OpenAsync("/silent");
        await stream.ReadRetryAsync();
        var body = await _opened.Task.OrFail();
        body.Hold();

        var stopping = app.App.StopAsync();
        await StopSourceInAsync(app, TimeSpan.FromSeconds(0.8));
        await Soon.Until(() => body.Held == 1, "the farewell");
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(100));

        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
        body.LetAllGo();
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceFinishes_ItsDisposalIsSlow_EndHasAWriteTimeoutOfItsOwn()
    {
        await using var app = await StartAsync(o => (o.WriteTimeout, o.EndOfStream) = (TimeSpan.FromSeconds(0.5), new() { Data = "end" }));
        using var stream = await app.OpenAsync("/finished");
        await stream.ReadRetryAsync();
        var body = await _opened.Task.OrFail();
        body.Hold();

        await StopSourceInAsync(app, TimeSpan.FromSeconds(0.8));
        await Soon.Until(() => body.Held == 1, "the end");
        app.Time.Advance(TimeSpan.FromSeconds(0.3));
        await ShouldNotBeCutAsync();
        body.LetAllGo();

        (await stream.ReadToEndAsync()).Should().Contain("data: end\n\n");
    }

    private async Task StopSourceInAsync(TestApp app, TimeSpan span)
    {
        await _isStopping.Task.OrFail();
        app.Time.Advance(span);
        _mayStop.SetResult();
    }

    private async Task ShouldNotBeCutAsync()
    {
        // Time enough for what must not happen: a cut is a work item of the thread pool.
        for (var i = 0; i < 1000; i++) await Task.Yield();
        _aborted.IsCancellationRequested.Should().BeFalse();
    }

    private Task<TestApp> StartAsync(Action<EventStreamOptions> options) => TestApp.StartAsync(
        app =>
        {
            HeldBody.Use(app, body => _opened.TrySetResult(body));
            app.Use((HttpContext context, RequestDelegate next) =>
            {
                _aborted = context.RequestAborted;
                return next(context);
            });
            app.UseRouting();
            app.MapGet("/silent", () => Results.EventStream(SilentAsync(), options));
            app.MapGet("/finished", () => Results.EventStream(new SlowToDispose(this), options));
        });

    private async IAsyncEnumerable<EventStreamMessage> SilentAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isStopping.TrySetResult();
        await _mayStop.Task;
        yield break;
    }

    /// <summary>A source that is at its end, and whose disposal waits for the test.</summary>
    private sealed class SlowToDispose(FarewellTests test) : IAsyncEnumerable<EventStreamMessage>, IAsyncEnumerator<EventStreamMessage>
    {
        public EventStreamMessage Current => default;

        public IAsyncEnumerator<EventStreamMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => new(false);

        public async ValueTask DisposeAsync()
        {
            test._isStopping.TrySetResult();
            await test._mayStop.Task;
        }
    }
}
