using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>An immutable page of a log, shared by subscribers and read like a <see cref="ChannelRing"/>.</summary>
internal sealed class LogPage
{
    private readonly RingEntry[] _entries;

    /// <summary>Makes a page of what the log returned for the messages that follow <paramref name="after"/>.</summary>
    public LogPage(long after, EventStreamLogPage page, RingEntry[] entries)
    {
        _entries = entries;
        BeforeOldest = page.LostAfter(after);
        After = Math.Max(after, BeforeOldest);
        Through = entries.Length > 0 ? entries[^1].Sequence : Math.Max(After, page.Newest);
        Bytes = entries.Sum(entry => (long)entry.Size);
    }

    /// <summary>The page has all messages that the log retains after this sequence, through <see cref="Through"/>.</summary>
    public long After { get; }

    /// <summary>The last sequence that the page covers.</summary>
    public long Through { get; }

    /// <summary>The last sequence that the log had evicted.</summary>
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

    /// <summary>Copies references to the first messages of the page. The result is never a gap.</summary>
    public RingRead ReadOldest(Span<RingEntry> into, out long after) => Read(after = After, into);

    // A binary search, because a scan would visit again all messages that the subscriber has read, on each call.
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
