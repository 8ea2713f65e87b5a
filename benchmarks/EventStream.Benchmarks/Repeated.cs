namespace EventStream.Benchmarks;

/// <summary>A sequence of the same item, always ready, that costs as little as a sequence can. For one reader at a time.</summary>
internal sealed class Repeated<T>(T item, int count) : IAsyncEnumerable<T>, IAsyncEnumerator<T>
{
    private int _left;

    public T Current { get; } = item;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        _left = count;
        return this;
    }

    public ValueTask<bool> MoveNextAsync() => new(_left-- > 0);

    public ValueTask DisposeAsync() => default;
}
