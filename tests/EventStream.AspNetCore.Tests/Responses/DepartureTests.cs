using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>A client that leaves.</summary>
public sealed class DepartureTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientLeaves_SourceIsIdle_SourceEndsAndNothingIsLogged(bool http2)
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages())), http2: http2);
        var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        stream.Dispose();

        await source.Cancelled.OrFail();
        await source.Ended.OrFail();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: ClientLeft.")));
        app.Log.AtLeast(LogLevel.Information).Where(entry => entry.Level > LogLevel.Information || entry.Category.StartsWith("EventStream"))
            .Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task ClientLeaves_SourceIsBusy_SourceEndsAndNothingIsLogged()
    {
        var ended = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Flood(ended))));
        var stream = await app.OpenAsync("/");
        await stream.ReadAsync(1000);

        stream.Dispose();

        await ended.Task.OrFail();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: ClientLeft.")));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task ClientLeaves_SourceThrowsInItsFinally_NothingAboveDebug()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(ThrowsWhenCancelled())));
        var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        stream.Dispose();

        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Exception is InvalidTimeZoneException));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task ClientLeaves_SourceIgnoresItsToken_RequestEndsWithOneWarningAndSourceIsDisposedLater()
    {
        var source = new TokenIgnoringSource();
        var requestEnded = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.Use(async (HttpContext context, RequestDelegate next) =>
            {
                await next(context);
                requestEnded.TrySetResult();
            });
            app.UseRouting();
            app.MapGet("/deaf", () => Results.EventStream(source.Messages()));
        });
        var stream = await app.OpenAsync("/deaf");
        await stream.ReadRetryAsync();
        await stream.ReadAsync("id: 1\ndata: before\n\n");

        stream.Dispose();
        await app.AdvanceUntilAsync(requestEnded.Task, TimeSpan.FromSeconds(1));

        source.Disposed.IsCompleted.Should().BeFalse("its pending step has not returned");
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Message.Should().Contain("/deaf");
        source.Release();
        await source.Disposed.OrFail();
    }

    private static async IAsyncEnumerable<EventStreamMessage> Flood(TaskCompletionSource ended)
    {
        try
        {
            while (true)
            {
                yield return new() { Data = "again" };
                await Task.Yield();
            }
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<EventStreamMessage> ThrowsWhenCancelled(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }
        finally
        {
            Throw();
        }

        static void Throw() => throw new InvalidTimeZoneException("in the finally block");
    }
}
