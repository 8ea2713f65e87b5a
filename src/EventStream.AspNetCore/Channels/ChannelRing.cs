using System.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>The newest messages of one history, in order, and the sequence up to which messages were evicted.</summary>
/// <remarks>
/// It has no lock of its own; its <see cref="ChannelHistory"/> has one. Any thread may read <see cref="Newest"/> and
/// <see cref="BeforeOldest"/>. All other members need the lock. Readers copy references, so the lock is held for a short time.
/// </remarks>
/// <param name="options">The bounds.</param>
/// <param name="after">The sequence after which it begins: 0, or later if a log has more than the ring can hold.</param>
internal sealed class ChannelRing(EventStreamChannelOptions options, long after = 0)
{
    private readonly Dictionary<(string? User, string Key), long>? _keys = options.LatestByKey ? [] : null;
    private RepeatableKeys? _repeatables;

    // _count entries from _first, in rising order of their sequences, including replaced ones. The length is a power of two.
    private RingEntry[] _ring = new RingEntry[16];
    private int _first;
    private int _count;
    private int _replaced;
    private long _newest = after;
    private long _beforeOldest = after;

    /// <summary>The sequence of the newest message; 0 before the first. Any thread may read it.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>The sequence after which the retained messages begin; a reader before it has lost messages.</summary>
    public long BeforeOldest => Volatile.Read(ref _beforeOldest);

    /// <summary>The number of retained messages.</summary>
    public int Count => _count - _replaced;

    /// <summary>The bytes of the retained messages.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether messages repeat earlier ones by their idempotency key; if so, sets the earlier sequences.</summary>
    /// <exception cref="InvalidOperationException">A list of another length has the key.</exception>
    public bool AreRepeated(Span<RingEntry> entries, bool isList) => _repeatables?.AreRepeated(entries, isList) == true;

    /// <summary>Adds messages, gives each the next sequence and its id line, and evicts the oldest to make room.</summary>
    /// <param name="entries">One message, or a list. At least one.</param>
    /// <param name="epoch">The epoch, for the id lines.</param>
    /// <param name="isList">Whether it is a list; keys of lists and keys of messages are separate.</param>
    public void Append(Span<RingEntry> entries, string epoch, bool isList)
    {
        foreach (ref var entry in entries)
        {
            entry.Sequence = _newest + 1;
            entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, epoch, entry.Sequence);
            Add(entry);
        }

        ref readonly var last = ref entries[^1];
        if (last.Metadata?.IdempotencyKey is { } key) (_repeatables ??= new()).Add(key, isList, last.Sequence, entries.Length);
    }

    /// <summary>Adds the messages of a log's page that follow the newest; the ring already has the others.</summary>
    /// <param name="entries">Messages with their sequences and id lines, in rising order.</param>
    /// <param name="lost">The last sequence that the log has evicted.</param>
    public void Take(ReadOnlySpan<RingEntry> entries, long lost)
    {
        if (lost > _newest)
        {
            while (_count > 0) EvictOldest();
            Volatile.Write(ref _beforeOldest, lost);
            Volatile.Write(ref _newest, lost);
        }

        foreach (ref readonly var entry in entries)
        {
            if (entry.Sequence > _newest) Add(entry);
        }
    }

    /// <summary>Adds a message of a log, if it is the next one; skips it if the ring has it.</summary>
    /// <returns>False if messages before it are missing.</returns>
    public bool TryTakeNext(in RingEntry entry)
    {
        if (entry.Sequence > _newest + 1) return false;
        if (entry.Sequence == _newest + 1) Add(entry);
        return true;
    }

    /// <summary>Copies references to the messages that follow <paramref name="after"/>.</summary>
    public RingRead Read(long after, Span<RingEntry> into) => after < BeforeOldest ? RingRead.Gap : Copy(after, into);

    /// <summary>The sequence after which the last <paramref name="count"/> retained messages begin.</summary>
    public long BeforeLast(int count)
    {
        if (count >= Count) return BeforeOldest;
        if (count == 0) return _newest;
        for (var i = _count - 1; ; i--)
        {
            if (!_ring[IndexOf(i)].IsReplaced && --count == 0) return _ring[IndexOf(i)].Sequence - 1;
        }
    }

    /// <summary>
    /// Evicts the messages that were published before <paramref name="timestamp"/>.
    /// </summary>
    public void EvictOlderThan(long timestamp)
    {
        while (_count > 0 && _ring[_first].PublishedAt < timestamp) EvictOldest();
    }

    // With the user, because a message for one user must not replace a message for another.
    private static (string? User, string Key)? KeyOf(in RingEntry entry) =>
        entry.Metadata is { Key: { } key } metadata ? (metadata.User, key) : null;

    private void Add(in RingEntry entry)
    {
        // Before evicting, because a replaced message makes room.
        if (_keys is not null && KeyOf(entry) is { } key)
        {
            if (_keys.TryGetValue(key, out var replaced)) Replace(replaced);
            _keys[key] = entry.Sequence;
        }

        while (Count >= options.Capacity || (_count > 0 && Bytes + entry.Size > options.MaxBytes)) EvictOldest();
        if (_count == _ring.Length) Resize();
        _ring[IndexOf(_count++)] = entry;
        Bytes += entry.Size;
        Volatile.Write(ref _newest, entry.Sequence);
    }

    private void Uncount(in RingEntry entry)
    {
        Bytes -= entry.Size;
        if (_repeatables is not null && entry.Metadata?.IdempotencyKey is { } key) _repeatables.Remove(key, entry.Sequence);
    }

    private RingRead Copy(long after, Span<RingEntry> into)
    {
        var taken = 0;
        for (var i = CountUpTo(after); i < _count && taken < into.Length; i++)
        {
            ref var entry = ref _ring[IndexOf(i)];
            after = entry.Sequence;
            if (!entry.IsReplaced) into[taken++] = entry;
        }

        return new(taken, after);
    }

    private int IndexOf(int i) => (_first + i) & (_ring.Length - 1);

    /// <summary>How many entries have sequences up to <paramref name="sequence"/>.</summary>
    private int CountUpTo(long sequence)
    {
        if (_count == 0 || sequence >= _newest) return _count;
        var oldest = _ring[_first].Sequence;
        if (sequence < oldest) return 0;

        // If no sequence is missing, this is the result. Resize removes replaced entries; then it is an upper bound.
        var high = (int)Math.Min(_count, sequence - oldest + 1);
        if (_newest - oldest + 1 == _count) return high;
        var low = 0;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ring[IndexOf(middle)].Sequence <= sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void EvictOldest()
    {
        ref var oldest = ref _ring[_first];
        if (oldest.IsReplaced)
        {
            _replaced--;
        }
        else
        {
            Volatile.Write(ref _beforeOldest, oldest.Sequence);
            if (_keys is not null && KeyOf(oldest) is { } key) _keys.Remove(key);
            Uncount(oldest);
        }

        oldest = default;
        _first = IndexOf(1);
        _count--;
    }

    private void Replace(long sequence)
    {
        var i = CountUpTo(sequence) - 1;
        ref var entry = ref _ring[IndexOf(i)];
        Debug.Assert(entry.Sequence == sequence && !entry.IsReplaced);
        Uncount(entry);
        entry = new RingEntry { Sequence = sequence, PublishedAt = entry.PublishedAt };
        _replaced++;
        while (_count > 0 && _ring[_first].IsReplaced) EvictOldest();
    }

    // Removes the replaced entries. Doubles the array unless they were at least half of it, so that resizing stays rare.
    private void Resize()
    {
        var ring = new RingEntry[Count > _ring.Length / 2 ? _ring.Length * 2 : _ring.Length];
        var count = 0;
        for (var i = 0; i < _count; i++)
        {
            ref var entry = ref _ring[IndexOf(i)];
            if (!entry.IsReplaced) ring[count++] = entry;
        }

        _ring = ring;
        _first = 0;
        _count = count;
        _replaced = 0;
    }
}
