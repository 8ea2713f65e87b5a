using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace EventStream.AspNetCore.Channels;

/// <summary>The retained messages of one channel, in order, and all that readers at any position need to know about what is not retained.</summary>
/// <remarks>
/// Many publishers and readers at once. One lock, held for as long as a few references take to copy: frames are encoded before it is taken, and
/// copied to a subscriber after it is left.
/// </remarks>
/// <param name="options">The bounds.</param>
/// <param name="begins">Called once, under the lock, before the first message is taken in, or the end without one; may be null.</param>
internal sealed class ChannelLog(EventStreamChannelOptions options, Action? begins = null)
{
    private readonly Lock _gate = new();

    // All under _gate; _newest is read without it as well.
    private readonly Dictionary<(string? User, string Key), long>? _keys = options.LatestByKey ? [] : null;
    private RepeatableKeys? _repeatables;

    // A ring: the oldest at _first, _count of them in rising order of their sequences, replaced ones among them. Its length is a power of two.
    private LogEntry[] _ring = new LogEntry[16];
    private int _first;
    private int _count;
    private int _replaced;
    private long _bytes;
    private long _newest;

    // The last sequence that was dropped although nothing replaced it: a reader before it has lost something.
    private long _lost;
    private bool _isCompleted;
    private bool _isClosed;

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>Whether no more messages will come. Read it before <see cref="Newest"/> to know that all have been seen.</summary>
    public bool IsCompleted => Volatile.Read(ref _isCompleted);

    /// <summary>What is retained.</summary>
    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_gate) return (_count - _replaced, _bytes);
        }
    }

    /// <summary>Takes messages in, one after the other and without another between them, gives each the next sequence, and drops what there is no room for.</summary>
    /// <param name="entries">
    /// One message, or a list. Id lines are written, and sequences are set: of a repetition, those of the earlier messages.
    /// </param>
    /// <param name="epoch">The epoch, for the id lines.</param>
    /// <param name="isList">Whether it is a list, whose idempotency key is no message's.</param>
    /// <returns>False if the log is closed, and the messages belong into another one.</returns>
    /// <exception cref="InvalidOperationException">
    /// The log is completed, or a list of another length has the key. Nothing was taken in.
    /// </exception>
    public bool Append(Span<LogEntry> entries, string epoch, bool isList = false)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            if (_repeatables is not null && _repeatables.AreRepeated(entries, isList)) return true;
            if (_isCompleted) throw new InvalidOperationException("The channel is complete: nothing more can be published to it.");
            if (_newest == 0) begins?.Invoke();
            foreach (ref var entry in entries)
            {
                entry.Sequence = _newest + 1;
                entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, epoch, entry.Sequence);
                Add(entry);
            }

            ref readonly var last = ref entries[^1];
            if (last.Metadata?.IdempotencyKey is { } key) (_repeatables ??= new()).Add(key, isList, last.Sequence, entries.Length);
            return true;
        }
    }

    /// <summary>Sets where a log begins that is the end of a longer one, once, before anything is in it.</summary>
    public void Begin(long after)
    {
        lock (_gate)
        {
            Debug.Assert(_count == 0 && _newest == 0);
            _lost = after;
            Volatile.Write(ref _newest, after);
        }
    }

    /// <summary>Takes in messages of a longer log: those that follow the newest. Others are here already.</summary>
    /// <param name="entries">Messages with their sequences and id lines, in rising order.</param>
    /// <param name="lost">The last sequence that the longer log has dropped.</param>
    public void Take(ReadOnlySpan<LogEntry> entries, long lost)
    {
        lock (_gate)
        {
            if (lost > _newest)
            {
                while (_count > 0) DropOldest();
                _lost = lost;
                Volatile.Write(ref _newest, lost);
            }

            foreach (ref readonly var entry in entries)
            {
                if (entry.Sequence > _newest) Add(entry);
            }
        }
    }

    /// <summary>Takes a message of a longer log in, if it is the very next.</summary>
    /// <returns>False if others are missing before it.</returns>
    public bool TryTakeNext(in LogEntry entry)
    {
        lock (_gate)
        {
            if (entry.Sequence > _newest + 1) return false;
            if (entry.Sequence == _newest + 1) Add(entry);
            return true;
        }
    }

    /// <summary>Copies references to the messages that follow <paramref name="after"/>.</summary>
    public LogRead Read(long after, Span<LogEntry> into)
    {
        lock (_gate) return after < _lost ? LogRead.Gap : Copy(after, into);
    }

    /// <summary>Copies references to the oldest messages, which is never a gap: what is lost is up to <paramref name="after"/>.</summary>
    public LogRead ReadOldest(Span<LogEntry> into, out long after)
    {
        lock (_gate) return Copy(after = _lost, into);
    }

    /// <summary>The sequence after which the last <paramref name="count"/> retained messages begin.</summary>
    public long BeforeLast(int count)
    {
        lock (_gate)
        {
            if (count >= _count - _replaced) return _lost;
            if (count == 0) return _newest;
            for (var i = _count - 1; ; i--)
            {
                if (!_ring[IndexOf(i)].IsReplaced && --count == 0) return _ring[IndexOf(i)].Sequence - 1;
            }
        }
    }

    /// <summary>The sequence after which everything retained begins; smaller ones are a gap.</summary>
    public long BeforeOldest
    {
        get
        {
            lock (_gate) return _lost;
        }
    }

    /// <summary>Drops what was published before <paramref name="timestamp"/>.</summary>
    public void DropOlderThan(long timestamp)
    {
        lock (_gate)
        {
            while (_count > 0 && _ring[_first].PublishedAt < timestamp) DropOldest();
        }
    }

    /// <summary>Why the messages end, where it is a failure. Set before <see cref="IsCompleted"/>.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Whether the log is closed, which is final: later messages belong to the channel that has taken the name.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Ends the log after its last message. False if it was ended already, or is closed.</summary>
    public bool Complete(ExceptionDispatchInfo? failure)
    {
        lock (_gate)
        {
            if (_isCompleted || _isClosed) return false;
            if (_newest == 0 && failure is null) begins?.Invoke();
            Failure = failure;
            Volatile.Write(ref _isCompleted, true);
            return true;
        }
    }

    /// <summary>Closes the log of an idle channel, unless it is incomplete and nothing else keeps what it retains.</summary>
    /// <remarks>
    /// An idle channel is dropped, and no user of it is lost:
    /// 1. A subscriber or a run registers where <paramref name="isIdle"/> looks.
    /// 2. Then it calls <see cref="ConfirmOpen"/>. If the log is closed, it uses the channel that has taken the name.
    /// 3. This method looks for users and closes under the lock that 2 takes: either it sees the user, or the user sees the closed log.
    /// </remarks>
    /// <param name="isKeptElsewhere">Whether the retained messages are in a log behind the channel.</param>
    /// <param name="isIdle">Whether the channel has no user. Called under the lock.</param>
    /// <returns>Whether the log is closed.</returns>
    public bool TryClose(bool isKeptElsewhere, Func<bool> isIdle)
    {
        lock (_gate)
        {
            if ((_isCompleted || _count == 0 || isKeptElsewhere) && isIdle()) Volatile.Write(ref _isClosed, true);
            return _isClosed;
        }
    }

    /// <summary>Closes the log, as <see cref="TryClose"/> does, if nothing was ever in it, nor an end, and nothing uses it.</summary>
    /// <returns>Whether the log is closed.</returns>
    public bool TryCloseUnbegun(Func<bool> isUnused)
    {
        lock (_gate)
        {
            if (_newest == 0 && !_isCompleted && isUnused()) Volatile.Write(ref _isClosed, true);
            return _isClosed;
        }
    }

    /// <summary>Whether the log is open for a registered user. While that user stays, only <see cref="Close"/> closes it.</summary>
    public bool ConfirmOpen()
    {
        lock (_gate) return !_isClosed;
    }

    /// <summary>Closes a log whose history is over, whatever is in it.</summary>
    public void Close()
    {
        lock (_gate) Volatile.Write(ref _isClosed, true);
    }

    // What is for one user replaces nothing that is for another.
    private static (string? User, string Key)? KeyOf(in LogEntry entry) => entry.Metadata is { Key: { } key } metadata ? (metadata.User, key) : null;

    private void Add(in LogEntry entry)
    {
        // First, because what is replaced makes room.
        if (_keys is not null && KeyOf(entry) is { } key)
        {
            if (_keys.TryGetValue(key, out var replaced)) Replace(replaced);
            _keys[key] = entry.Sequence;
        }

        while (_count - _replaced >= options.Capacity || (_count > 0 && _bytes + entry.Size > options.MaxBytes)) DropOldest();
        if (_count == _ring.Length) Resize();
        _ring[IndexOf(_count++)] = entry;
        _bytes += entry.Size;
        Volatile.Write(ref _newest, entry.Sequence);
    }

    private void Forget(in LogEntry entry)
    {
        _bytes -= entry.Size;
        if (_repeatables is not null && entry.Metadata?.IdempotencyKey is { } key) _repeatables.Remove(key, entry.Sequence);
    }

    private LogRead Copy(long after, Span<LogEntry> into)
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
            _lost = oldest.Sequence;
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
        entry = new LogEntry { Sequence = sequence, PublishedAt = entry.PublishedAt };
        _replaced++;
        while (_count > 0 && _ring[_first].IsReplaced) DropOldest();
    }

    // Without the replaced entries, and larger if there are few of them, so that this is rare.
    private void Resize()
    {
        var live = _count - _replaced;
        var ring = new LogEntry[live > _ring.Length / 2 ? _ring.Length * 2 : _ring.Length];
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
