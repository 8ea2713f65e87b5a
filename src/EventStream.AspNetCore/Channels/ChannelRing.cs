using System.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>The newest messages of one history, in order, and what readers need to know about those that were dropped.</summary>
/// <remarks>
/// A data structure without a lock: its <see cref="ChannelHistory"/> has that. Any thread may read <see cref="Newest"/> and
/// <see cref="BeforeOldest"/>. Everything else is for one thread at a time. Readers copy references, which take no longer than a few moves
/// in memory.
/// </remarks>
/// <param name="options">The bounds.</param>
/// <param name="after">The sequence after which it begins: 0, or where a longer log has more than fits in here.</param>
internal sealed class ChannelRing(EventStreamChannelOptions options, long after = 0)
{
    private readonly Dictionary<(string? User, string Key), long>? _keys = options.LatestByKey ? [] : null;
    private RepeatableKeys? _repeatables;

    // The oldest at _first, _count of them in rising order of their sequences, replaced ones among them. The length is a power of two.
    private RingEntry[] _ring = new RingEntry[16];
    private int _first;
    private int _count;
    private int _replaced;
    private long _newest = after;
    private long _beforeOldest = after;

    /// <summary>The sequence of the newest message; 0 before the first. Any thread may read it.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>The sequence after which everything retained begins: a reader before it has lost something.</summary>
    public long BeforeOldest => Volatile.Read(ref _beforeOldest);

    /// <summary>How many messages are retained.</summary>
    public int Count => _count - _replaced;

    /// <summary>How many bytes are retained.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether messages repeat earlier ones, by their idempotency key; then they get the sequences of those.</summary>
    /// <exception cref="InvalidOperationException">A list of another length has the key.</exception>
    public bool AreRepeated(Span<RingEntry> entries, bool isList) => _repeatables?.AreRepeated(entries, isList) == true;

    /// <summary>Takes messages in, gives each the next sequence and its id line, and drops what there is no room for.</summary>
    /// <param name="entries">One message, or a list. At least one.</param>
    /// <param name="epoch">The epoch, for the id lines.</param>
    /// <param name="isList">Whether it is a list, whose idempotency key is no message's.</param>
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

    /// <summary>Takes in messages of a longer log: those that follow the newest. Others are here already.</summary>
    /// <param name="entries">Messages with their sequences and id lines, in rising order.</param>
    /// <param name="lost">The last sequence that the longer log has dropped.</param>
    public void Take(ReadOnlySpan<RingEntry> entries, long lost)
    {
        if (lost > _newest)
        {
            while (_count > 0) DropOldest();
            Volatile.Write(ref _beforeOldest, lost);
            Volatile.Write(ref _newest, lost);
        }

        foreach (ref readonly var entry in entries)
        {
            if (entry.Sequence > _newest) Add(entry);
        }
    }

    /// <summary>Takes in a message of a longer log, if it is the very next; one that is here already is passed over.</summary>
    /// <returns>False if others are missing before it.</returns>
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

    /// <summary>Drops what was published before <paramref name="timestamp"/>.</summary>
    public void DropOlderThan(long timestamp)
    {
        while (_count > 0 && _ring[_first].PublishedAt < timestamp) DropOldest();
    }

    // What is for one user replaces nothing that is for another.
    private static (string? User, string Key)? KeyOf(in RingEntry entry) =>
        entry.Metadata is { Key: { } key } metadata ? (metadata.User, key) : null;

    private void Add(in RingEntry entry)
    {
        // First, because what is replaced makes room.
        if (_keys is not null && KeyOf(entry) is { } key)
        {
            if (_keys.TryGetValue(key, out var replaced)) Replace(replaced);
            _keys[key] = entry.Sequence;
        }

        while (Count >= options.Capacity || (_count > 0 && Bytes + entry.Size > options.MaxBytes)) DropOldest();
        if (_count == _ring.Length) Resize();
        _ring[IndexOf(_count++)] = entry;
        Bytes += entry.Size;
        Volatile.Write(ref _newest, entry.Sequence);
    }

    private void Forget(in RingEntry entry)
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

        // Without holes, which only replaced entries leave behind, the place is known; otherwise it is that far at most.
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

    private void DropOldest()
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
            Forget(oldest);
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
        Forget(entry);
        entry = new RingEntry { Sequence = sequence, PublishedAt = entry.PublishedAt };
        _replaced++;
        while (_count > 0 && _ring[_first].IsReplaced) DropOldest();
    }

    // Without the replaced entries, and larger if there are few of them, so that this is rare.
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
