namespace EventStream.AspNetCore.Sources;

/// <summary>A walk over a user's enumerator; how an item becomes a frame is the derived class's.</summary>
internal abstract class SequenceCursor<TItem>(IAsyncEnumerator<TItem> items) : FrameCursor
{
    protected TItem Current => items.Current;

    public sealed override ValueTask<bool> MoveNextAsync() => items.MoveNextAsync();

    public sealed override ValueTask DisposeAsync() => items.DisposeAsync();
}
