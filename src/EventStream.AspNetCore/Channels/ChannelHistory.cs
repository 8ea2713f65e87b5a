using System.Runtime.ExceptionServices;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// One history of one channel on this node: its epoch, its newest messages, its subscribers, and whether more messages will come.
/// </summary>
/// <remarks>
/// <para>
/// It is made when its epoch is known, and keeps it. It is <see cref="HistoryState.Open"/>, then maybe <see cref="HistoryState.Complete"/>,
/// and at last <see cref="HistoryState.Retired"/>, which is final. A caller that finds it retired asks the <see cref="ChannelRegistry"/>
/// for the channel again.
/// </para>
/// <para>
/// Many publishers and subscribers at once. One lock, held only while references are copied: frames are encoded before it is taken, and
/// written to a subscriber after it is released. Subscribers are woken after the message is in the ring, or the state has changed.
/// </para>
/// </remarks>
/// <param name="name">The channel's name.</param>
/// <param name="definition">The channel's definition.</param>
/// <param name="epoch">The epoch, of the form that positions have.</param>
/// <param name="subscribers">The channel's subscribers.</param>
/// <param name="after">The sequence after which its messages are here; 0: all of them are.</param>
/// <param name="begins">
/// Called once, under the lock, before the first message is taken in, or before the end where there was none; may be null.
/// </param>
internal sealed class ChannelHistory(
    string name, ChannelDefinition definition, string epoch, SubscriberList subscribers, long after = 0, Action? begins = null)
{
    private readonly Lock _gate = new();

    // Under _gate, but for the sequences that it begins and ends with.
    private readonly ChannelRing _ring = new(definition.Options, after);

    // Changed by Change alone, under _gate; read without it as well.
    private volatile HistoryState _state;
    private volatile RunState _run;

    public string Name => name;

    public ChannelDefinition Definition => definition;

    public string Epoch => epoch;

    public SubscriberList Subscribers => subscribers;

    /// <summary>The position of an earlier epoch up to which this history is the same as that one; null: there is none.</summary>
    public EventStreamPosition? Continues { get; init; }

    /// <summary>Whether it stands for a channel that the log does not have: its epoch is the origin, and nothing will be in it.</summary>
    public bool IsOrigin { get; init; }

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public long Newest => _ring.Newest;

    public HistoryState State => _state;

    /// <summary>Whether no more messages will come. Read it before <see cref="Newest"/> to know that all have been seen.</summary>
    public bool IsComplete => _state == HistoryState.Complete;

    public bool IsRetired => _state == HistoryState.Retired;

    /// <summary>Why the messages end, where it is a failure. Set before it is complete.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Set with the retirement: the history in which the subscribers go on; null: they are disconnected.</summary>
    public ChannelHistory? Successor { get; private set; }

    /// <summary>The history that a reader of this one goes on in: the successor, or this.</summary>
    public ChannelHistory Present => Successor ?? this;

    /// <summary>Whether a run writes to it, or has.</summary>
    public bool IsOfRun => _run != RunState.None;

    /// <summary>Whether a subscriber reads it, or a run writes to it, however long the run is silent.</summary>
    private bool IsInUse => subscribers.Count > 0 || _run == RunState.Running;

    /// <summary>The sequence after which everything retained begins; smaller ones are a gap.</summary>
    public long BeforeOldest => _ring.BeforeOldest;

    /// <summary>What is retained.</summary>
    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_gate) return (_ring.Count, _ring.Bytes);
        }
    }

    public EventStreamPosition PositionAt(long sequence) => new(epoch, sequence);

    /// <summary>
    /// Takes messages in, one after the other and without another between them, gives each the next sequence, and wakes the subscribers.
    /// </summary>
    /// <param name="entries">One message, or a list. Sequences are set: of a repetition, those of the earlier messages.</param>
    /// <param name="isList">Whether it is a list, whose idempotency key is no message's.</param>
    /// <returns>False if the history is retired, and the messages belong to another one.</returns>
    /// <exception cref="InvalidOperationException">
    /// It is complete, or a list of another length has the key. Nothing was taken in.
    /// </exception>
    public bool TryAppend(Span<RingEntry> entries, bool isList)
    {
        lock (_gate)
        {
            if (_state == HistoryState.Retired) return false;
            if (_ring.AreRepeated(entries, isList)) return true;
            if (_state == HistoryState.Complete) throw Completed();
            if (_ring.Newest == 0) begins?.Invoke();
            _ring.Append(entries, epoch, isList);
        }

        subscribers.Wake();
        return true;
    }

    /// <summary>Takes in messages of a longer log that follow the newest, and wakes the subscribers. Others are here already.</summary>
    /// <param name="entries">Messages with their sequences and id lines, in rising order.</param>
    /// <param name="lost">The last sequence that the longer log has dropped.</param>
    public void Take(ReadOnlySpan<RingEntry> entries, long lost)
    {
        lock (_gate) _ring.Take(entries, lost);
        subscribers.Wake();
    }

    /// <summary>Takes in a message of a longer log, if it is the very next. Does not wake the subscribers.</summary>
    /// <returns>False if others are missing before it.</returns>
    public bool TryTakeNext(in RingEntry entry)
    {
        lock (_gate) return _ring.TryTakeNext(entry);
    }

    /// <summary>Copies references to the messages that follow <paramref name="after"/>.</summary>
    public RingRead Read(long after, Span<RingEntry> into)
    {
        lock (_gate) return _ring.Read(after, into);
    }

    /// <summary>Copies references to the oldest messages, which is never a gap: what is lost is up to <paramref name="after"/>.</summary>
    public RingRead ReadOldest(Span<RingEntry> into, out long after)
    {
        lock (_gate) return _ring.Read(after = _ring.BeforeOldest, into);
    }

    /// <summary>The newest of the retained messages: a copy of references.</summary>
    /// <param name="last">How many; fewer if there are fewer.</param>
    public RingEntry[] Retained(int last)
    {
        lock (_gate)
        {
            var messages = new RingEntry[Math.Min(last, _ring.Count)];
            _ring.Read(_ring.BeforeLast(last), messages);
            return messages;
        }
    }

    /// <summary>What a subscriber that joins now finds.</summary>
    /// <param name="last">How many of the newest messages it would begin with.</param>
    public ResumeWindow Window(int last)
    {
        lock (_gate) return new(_ring.BeforeOldest, _ring.BeforeLast(last), _ring.Newest, IsOfRun);
    }

    /// <summary>Drops what was published before <paramref name="timestamp"/>.</summary>
    public void DropOlderThan(long timestamp)
    {
        lock (_gate) _ring.DropOlderThan(timestamp);
    }

    /// <summary>Ends it after its last message, and wakes the subscribers.</summary>
    /// <param name="failure">Why, where it is a failure; null: nothing failed.</param>
    /// <returns>False if it is retired. True also where it was complete already.</returns>
    public bool TryComplete(ExceptionDispatchInfo? failure = null)
    {
        lock (_gate)
        {
            if (_state != HistoryState.Open) return _state == HistoryState.Complete;
            if (_ring.Newest == 0 && failure is null) begins?.Invoke();
            Failure = failure;
            Change(HistoryState.Complete);
        }

        subscribers.Wake();
        return true;
    }

    /// <summary>Ends it on this node, whatever is in it. Its subscribers go on in the successor, or are disconnected.</summary>
    /// <param name="successor">The history in which the positions of this one are good; null: there is none.</param>
    public void Retire(ChannelHistory? successor = null)
    {
        lock (_gate)
        {
            if (IsRetired) return;
            Successor = successor;
            Change(HistoryState.Retired);
        }

        if (successor is not null) subscribers.Wake();
        else subscribers.Disconnect();
    }

    /// <summary>Retires an unused history if nothing is lost by that: it is complete, or empty, or kept elsewhere.</summary>
    /// <param name="isKeptElsewhere">Whether the retained messages are in a log behind the channel.</param>
    /// <param name="isIdle">Whether the channel was not used for long. Called under the lock.</param>
    /// <returns>Whether it is retired.</returns>
    public bool TryRetireIdle(bool isKeptElsewhere, Func<bool> isIdle)
    {
        lock (_gate)
        {
            var mayGo = isKeptElsewhere || _state == HistoryState.Complete || _ring.Count == 0;
            if (mayGo && !IsInUse && isIdle()) Change(HistoryState.Retired);
            return IsRetired;
        }
    }

    /// <summary>Retires an unused history that never had a message nor an end.</summary>
    /// <returns>Whether it is retired.</returns>
    public bool TryRetireUnbegun()
    {
        lock (_gate)
        {
            if (_state == HistoryState.Open && _ring.Newest == 0 && !IsInUse) Change(HistoryState.Retired);
            return IsRetired;
        }
    }

    /// <summary>Adds a subscriber, which keeps the history from being retired as idle.</summary>
    /// <remarks>Under the lock under which <see cref="TryRetireIdle"/> looks for users, so that neither misses the other.</remarks>
    /// <returns>False: the history is retired.</returns>
    public bool TryJoin(Subscriber subscriber)
    {
        lock (_gate)
        {
            if (IsRetired) return false;
            subscribers.Add(subscriber);
            return true;
        }
    }

    /// <summary>Makes this the history of a run, once.</summary>
    /// <returns>True: the run begins. False: it has begun already. Null: the history is retired.</returns>
    public bool? TryBeginRun()
    {
        lock (_gate)
        {
            if (IsRetired) return null;
            if (_run != RunState.None) return false;
            _run = RunState.Running;
            return true;
        }
    }

    /// <summary>The run writes no more: from now on the channel may be idle.</summary>
    public void EndRun() => _run = RunState.Over;

    public static InvalidOperationException Completed() => new("The channel is complete: nothing more can be published to it.");

    // The only place where the state changes. What is retired stays so.
    private void Change(HistoryState state)
    {
        if (_state != HistoryState.Retired) _state = state;
    }
}
