using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>A page of a log, as readers share it: read like a <see cref="ChannelRing"/>, up to where it ends. Immutable.</summary>
internal sealed class LogPage
{
    private readonly RingEntry[] _entries;

    /// <summary>A page that was read after <paramref name="after"/>, in full or up to what there was.</summary>
    public LogPage(long after, EventStreamLogPage page, RingEntry[] entries)
    {
        _entries = entries;
        BeforeOldest = page.LostAfter(after);
        After = Math.Max(after, BeforeOldest);
        Through = entries.Length > 0 ? entries[^1].Sequence : Math.Max(After, page.Newest);
        Bytes = entries.Sum(entry => (long)entry.Size);
    }

    /// <summary>The sequence after which the page has everything.</summary>
    public long After { get; }

    /// <summary>The sequence up to which it has everything.</summary>
    public long Through { get; }

    /// <summary>The last sequence that the log had dropped.</summary>
    public long BeforeOldest { get; }

    public long Bytes { get; }

    /// <summary>Copies references to the messages that follow <paramref name="after"/>.</summary>
    public RingRead Read(long after, Span<RingEntry> into)
    {
        if (after < After) return RingRead.Gap;
        var first = IndexAfter(after);
        if (first == _entries.Length) return new(0, Math.Max(after, Through));
        var count = Math.Min(into.Length, _entries.Length - first);
        _entries.AsSpan(first, count).CopyTo(into);
        return new(count, first + count == _entries.Length ? Through : into[count - 1].Sequence);
    }

    /// <summary>Copies references to its first messages, which is never a gap.</summary>
    public RingRead ReadOldest(Span<RingEntry> into, out long after) => Read(after = After, into);

    // A search by halves: a reader that takes one message at a time would look at all that it has read before.
    private int IndexAfter(long sequence)
    {
        var (low, high) = (0, _entries.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].Sequence > sequence) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
