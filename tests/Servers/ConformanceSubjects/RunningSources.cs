namespace ConformanceSubjects;

/// <summary>How many sources run: each is counted from its first step to its finally block.</summary>
internal sealed class RunningSources
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IDisposable Enter()
    {
        Interlocked.Increment(ref _count);
        return new Entry(this);
    }

    private sealed class Entry(RunningSources sources) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref sources._count);
    }
}
