namespace EventStream.PostgreSql.Database;

/// <summary>Tells of statements whose time depends on the size of the tables, on which the app's start does not give up.</summary>
/// <remarks>
/// The server shows what a session does only where it tracks that, and only to some roles.
/// Where it does, that counts, and not this. Safe from any thread.
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
