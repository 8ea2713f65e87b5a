namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Sources that never wait and ignore their token: each yields the same message again and again.</summary>
public sealed class Restless(EventStreamMessage message) : IDisposable
{
    private int _begun;
    private int _ended;
    private volatile bool _isOver;

    /// <summary>How many have begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>How many have run their finally block.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public async IAsyncEnumerable<EventStreamMessage> Messages()
    {
        Interlocked.Increment(ref _begun);
        try
        {
            while (!_isOver) yield return message;
            await Task.CompletedTask;
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }

    /// <summary>Ends those that still run, so that a failed test leaves the threads to the others.</summary>
    public void Dispose() => _isOver = true;
}
