using System.Threading.Tasks.Sources;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Sources;

/// <summary>A poll of a user's sequence.</summary>
public sealed class SequenceCursorTests
{
    /// <summary>Its object is used again for the next step, so it must have left the completion of this one.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Poll_StepSaysItIsCompleteBeforeItsContinuationRuns_WaitsForTheContinuation()
    {
        var source = new SlowlyCompleting();
        var signal = new StreamSignal();
        await using var cursor = new MessageSource(source).Open(new DefaultHttpContext(), LoneHub.Format, null, CancellationToken.None);
        cursor.Poll(signal).Should().Be(PollResult.Pending);

        source.IsComplete = true;
        cursor.Poll(signal).Should().Be(PollResult.Pending);
        source.Results.Should().Be(0);

        source.Continue();
        (await signal.WaitAsync().AsTask().OrFail()).Should().Be(StreamWake.Source);
        cursor.Poll(signal).Should().Be(PollResult.Ready);
        source.Results.Should().Be(1, "a result is read once");

        source.IsComplete = false;
        cursor.Poll(signal).Should().Be(PollResult.Pending);
        source.IsComplete = true;
        cursor.Poll(signal).Should().Be(PollResult.Pending);
        source.Results.Should().Be(1, "each step waits for its own continuation");
    }

    [Fact(Timeout = 30_000)]
    public async Task Poll_StepThatIsPendingFails_ThrowsOnceAndThenAsksForTheNext()
    {
        var steps = new Queue<TaskCompletionSource<bool>>([new(), new()]);
        var signal = new StreamSignal();
        await using var cursor = new MessageSource(new Driven(steps)).Open(
            new DefaultHttpContext(), LoneHub.Format, null, CancellationToken.None);
        var first = steps.Peek();
        cursor.Poll(signal).Should().Be(PollResult.Pending);

        first.SetException(new InvalidTimeZoneException());

        await signal.WaitAsync().AsTask().OrFail();
        cursor.Invoking(polled => polled.Poll(signal)).Should().Throw<InvalidTimeZoneException>();
        cursor.Poll(signal).Should().Be(PollResult.Pending);
    }

    private sealed class Driven(Queue<TaskCompletionSource<bool>> steps)
        : IAsyncEnumerable<EventStreamMessage>, IAsyncEnumerator<EventStreamMessage>
    {
        public EventStreamMessage Current => default;

        public IAsyncEnumerator<EventStreamMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => new(steps.Dequeue().Task);

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>A step whose status and whose continuation are apart, as they are for a moment on another thread.</summary>
    private sealed class SlowlyCompleting
        : IAsyncEnumerable<EventStreamMessage>, IAsyncEnumerator<EventStreamMessage>, IValueTaskSource<bool>
    {
        private Action? _continue;

        public bool IsComplete { get; set; }

        public int Results { get; private set; }

        public EventStreamMessage Current => default;

        public IAsyncEnumerator<EventStreamMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => new(this, 0);

        public ValueTask DisposeAsync() => default;

        public void Continue() => _continue!();

        public bool GetResult(short token) => ++Results > 0;

        public ValueTaskSourceStatus GetStatus(short token) => IsComplete ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _continue = () => continuation(state);
    }
}
