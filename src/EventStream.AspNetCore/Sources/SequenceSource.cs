using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>A source from a user's sequence of items, or from a function that returns one for a position.</summary>
internal abstract class SequenceSource<TItem> : FrameSource
{
    private readonly IAsyncEnumerable<TItem>? _items;
    private readonly Func<string?, IAsyncEnumerable<TItem>>? _from;

    protected SequenceSource(IAsyncEnumerable<TItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        _items = items;
    }

    protected SequenceSource(Func<string?, IAsyncEnumerable<TItem>> from)
    {
        ArgumentNullException.ThrowIfNull(from);
        _from = from;
    }

    public sealed override FrameCursor Open(
        HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken)
    {
        var items = _items ?? _from!(lastEventId)
            ?? throw new InvalidOperationException(
                "The function that gets the last event id returned null. Return an empty sequence if there is nothing to send.");
        return CursorOver(items.GetAsyncEnumerator(cancellationToken), format);
    }

    protected abstract FrameCursor CursorOver(IAsyncEnumerator<TItem> items, StreamFormat format);
}
