using System.Runtime.CompilerServices;
using EventStream.Testing.Reading;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

/// <summary>A call waits for its timeout at most, whatever else comes meanwhile.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact(Timeout = 30_000)]
    public Task NextAsync_CommentsForEver_Fails() =>
        ShouldFailAsync(
            new() { Comment = "x" }, stream => stream.NextAsync(), "Expected the next event within 50 ms, but it did not arrive.\n*");

    [Fact(Timeout = 30_000)]
    public Task CollectAsync_EventsForEver_Fails() =>
        ShouldFailAsync(
            new() { Data = "x" },
            stream => stream.CollectAsync(int.MaxValue),
            "Expected event * of 2147483647 within 50 ms, but it did not arrive.\n*");

    [Fact(Timeout = 30_000)]
    public Task CollectUntilAsync_EventsForEver_Fails() =>
        ShouldFailAsync(
            new() { Data = "x" },
            stream => stream.CollectUntilAsync(_ => false),
            "Expected the last event (after * others) within 50 ms, but it did not arrive.\n*");

    [Fact(Timeout = 30_000)]
    public Task CollectToEndAsync_EventsForEver_Fails() =>
        ShouldFailAsync(
            new() { Data = "x" },
            stream => stream.CollectToEndAsync(),
            "Expected the end (after * events) within 50 ms, but it did not arrive.\n*");

    [Fact(Timeout = 30_000)]
    public Task CollectUntilAsync_EventsThatAreThere_AreLateAsWell() =>
        ShouldFailAsync(
            new() { Data = "x" },
            stream =>
            {
                var deadline = new Deadline(2 * Short);
                return stream.CollectUntilAsync(_ => !SpinWait.SpinUntil(() => deadline.Left < TimeSpan.Zero, Soon.Limit));
            },
            "Expected the last event (after 1 others) within 50 ms, but it did not arrive.\n*");

    private static async Task ShouldFailAsync(EventStreamMessage message, Func<TestEventSource, Task> act, string failure)
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(ForEver(message))));
        var options = new TestEventSourceOptions();
        await using var stream = await app.Client.OpenEventStreamAsync("/", options);
        await Soon.Until(() => stream.Body.Count(character => character == 'x') > 1);
        options.Timeout = Short;

        (await stream.Invoking(it => act(it).OrFail()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().Match(failure);
    }

    private static async IAsyncEnumerable<EventStreamMessage> ForEver(
        EventStreamMessage message, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // In real time, as the timeout is, and well before it.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await pace.WaitForNextTickAsync(cancellationToken)) yield return message;
    }
}
