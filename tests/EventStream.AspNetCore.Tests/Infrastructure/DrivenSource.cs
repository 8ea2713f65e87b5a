using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A source that a test drives: it sends each message when the test gives it, and reports what happens to it.</summary>
public sealed class DrivenSource
{
    private readonly System.Threading.Channels.Channel<Func<EventStreamMessage>> _steps =
        System.Threading.Channels.Channel.CreateUnbounded<Func<EventStreamMessage>>();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _taken;

    /// <summary>Its token was cancelled.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>Its finally block has run.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How many messages were yielded, and the next one was asked for.</summary>
    public int Taken => Volatile.Read(ref _taken);

    public void Send(EventStreamMessage message) => _steps.Writer.TryWrite(() => message);

    public void Throw(Exception exception) => _steps.Writer.TryWrite(() => throw exception);

    public void Finish() => _steps.Writer.Complete();

    public async IAsyncEnumerable<EventStreamMessage> Messages([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Never unregistered: the last to register is called first, and may end this method before this is called.
        cancellationToken.Register(() => _cancelled.TrySetResult());
        try
        {
            await foreach (var step in _steps.Reader.ReadAllAsync(cancellationToken))
            {
                yield return step();
                Interlocked.Increment(ref _taken);
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
