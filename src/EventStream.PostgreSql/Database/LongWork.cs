namespace EventStream.PostgreSql.Database;

/// <summary>Counts running statements whose duration depends on the size of the tables.</summary>
/// <remarks>
/// The app's start does not time out during them. It uses this count only if the server does not show what a session does. A server may
/// not track that, and shows it only to some roles. Safe from any thread.
/// </remarks>
internal sealed class LongWork
{
    private int _count;

    public bool IsUnderWay => Volatile.Read(ref _count) > 0;

    /// <summary>Counts until the result is disposed of.</summary>
    public Turn Begin()
    {
        Interlocked.Increment(ref _count);
        return new(this);
    }

    public readonly struct Turn(LongWork work) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref work._count);
    }
}
