using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>Plain sources that count how many are open, and how many something still holds.</summary>
internal sealed class CountedSources
{
    private readonly ConcurrentQueue<WeakReference> _made = new();
    private int _begun;
    private int _ended;

    /// <summary>How many have begun, and have not run their finally block.</summary>
    public int Open => Volatile.Read(ref _begun) - Volatile.Read(ref _ended);

    /// <summary>How many are still referenced, such as by the session of a stream that has ended.</summary>
    public int CountHeld()
    {
        GC.Collect();
        for (var left = _made.Count; left > 0 && _made.TryDequeue(out var one); left--)
        {
            if (one.IsAlive) _made.Enqueue(one);
        }

        return _made.Count;
    }

    /// <summary>Makes the source of a stream of five messages.</summary>
    public IAsyncEnumerable<EventStreamMessage> Few() => Remember(Messages(5, TimeSpan.FromMilliseconds(1)));

    /// <summary>Makes the source of a stream that continues until its client leaves.</summary>
    /// <param name="pause">The time between two messages; zero: the source never waits.</param>
    public IAsyncEnumerable<EventStreamMessage> Endless(TimeSpan pause) => Remember(Messages(int.MaxValue, pause));

    private IAsyncEnumerable<EventStreamMessage> Remember(IAsyncEnumerable<EventStreamMessage> source)
    {
        _made.Enqueue(new(source));
        return source;
    }

    private async IAsyncEnumerable<EventStreamMessage> Messages(
        int count, TimeSpan pause, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _begun);
        try
        {
            for (var number = 1; number <= count; number++)
            {
                if (pause > TimeSpan.Zero) await Task.Delay(pause, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                yield return new() { Id = $"{number}", Data = $"message {number}" };
            }
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }
}
