using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>One history of one channel on this node: its epoch, its newest messages, its subscribers, and its state.</summary>
/// <remarks>
/// <para>
/// It is created when its epoch is known, and keeps it. It is <see cref="HistoryState.Open"/>, then maybe
/// <see cref="HistoryState.Complete"/>, and finally <see cref="HistoryState.Retired"/>. A caller that finds it retired looks up the channel
/// in the <see cref="ChannelRegistry"/> again.
/// </para>
/// <para>
/// Any number of publishers and subscribers may use it at once. It has one lock, held only while references are copied. Frames are encoded
/// before it is taken, and written to a subscriber after it is released. Subscribers are woken after the message is in the ring, or the
/// state has changed.
/// </para>
/// </remarks>
/// <param name="name">The channel's name.</param>
/// <param name="definition">The channel's definition.</param>
/// <param name="epoch">The epoch, of the form that positions have.</param>
/// <param name="subscribers">The channel's subscribers.</param>
/// <param name="after">The sequence after which this node has its messages; 0: from the first.</param>
/// <param name="begins">
/// Called once, under the lock, before the first message is added, or before the end if there was none; may be null.
/// </param>
internal sealed class ChannelHistory(
    string name, ChannelDefinition definition, string epoch, SubscriberList subscribers, long after = 0, Action? begins = null)
{
    private readonly Lock _gate = new();

    // Under _gate, except its first and last sequence.
    private readonly ChannelRing _ring = new(definition.Options, after);

    // Changed only by Change, under _gate; read without it.
    private volatile HistoryState _state;

    // Changed under _gate; read without it.
    private volatile HistoryRun? _run;
    private volatile bool _isOfRunInLog;

    public string Name => name;

    public ChannelDefinition Definition => definition;

    public string Epoch => epoch;

    public SubscriberList Subscribers => subscribers;

    /// <summary>The last position of an earlier epoch that this history has in common with that one; null if there is none.</summary>
    public EventStreamPosition? Continues { get; init; }

    /// <summary>Whether it represents a channel that the log does not have: its epoch is the origin, and it stays empty.</summary>
    public bool IsOrigin { get; init; }

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public long Newest => _ring.Newest;

    public HistoryState State => _state;

    /// <summary>Whether no more messages will come.</summary>
    /// <remarks>Read it before <see cref="Newest"/>: then a reader at the newest message has seen all.</remarks>
    public bool IsComplete => _state == HistoryState.Complete;

    public bool IsRetired => _state == HistoryState.Retired;

    /// <summary>The failure that completed it; null if there was none. Set before the state.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>The history in which the subscribers of a retired history continue; null: they end.</summary>
    public ChannelHistory? Successor { get; private set; }

    /// <summary>The history that a subscriber of this one reads now: the successor, or this.</summary>
    public ChannelHistory Present => Successor ?? this;

    /// <summary>The run in memory that writes to it, or has written to it; null if there is none.</summary>
    public HistoryRun? Run => _run;

    /// <summary>Whether a run writes to it, or has written to it.</summary>
    public bool IsOfRun => _run is not null || _isOfRunInLog;

    /// <summary>Whether it has a subscriber or a running run, even if the run is silent.</summary>
    private bool IsInUse => subscribers.Count > 0 || _run is { State: EventStreamRunState.Running };

    /// <summary>The sequence after which its retained messages begin; a position before it is a gap.</summary>
    public long BeforeOldest => _ring.BeforeOldest;

    /// <summary>The number and the bytes of the retained messages.</summary>
    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_gate) return (_ring.Count, _ring.Bytes);
        }
    }

    public EventStreamPosition PositionAt(long sequence) => new(epoch, sequence);

    /// <summary>Adds messages without another between them, gives each the next sequence, and wakes the subscribers.</summary>
    /// <param name="entries">One message, or a list. Their sequences are set; those of a repetition are the earlier messages'.</param>
    /// <param name="isList">Whether it is a list; keys of lists and keys of messages are separate.</param>
    /// <returns>False: nothing was added, because the history is complete, or retired so that the messages belong to another one.</returns>
    /// <exception cref="InvalidOperationException">A list of another length has the key. Nothing was added.</exception>
    public bool TryAppend(Span<RingEntry> entries, bool isList)
    {
        lock (_gate)
        {
            if (_state == HistoryState.Retired) return false;
            if (_ring.AreRepeated(entries, isList)) return true;
            if (_state == HistoryState.Complete) return false;
            if (_ring.Newest == 0) begins?.Invoke();
            _ring.Append(entries, epoch, isList);
        }

        subscribers.Wake();
        return true;
    }

    /// <summary>Adds the messages of a log's page that follow the newest, and wakes the subscribers.</summary>
    /// <param name="entries">Messages with their sequences and id lines, in rising order.</param>
    /// <param name="lost">The last sequence that the log has evicted.</param>
    public void Take(ReadOnlySpan<RingEntry> entries, long lost)
    {
        lock (_gate) _ring.Take(entries, lost);
        subscribers.Wake();
    }

    /// <summary>Adds a message of a log, if it is the next one. Does not wake the subscribers.</summary>
    /// <returns>False if messages before it are missing.</returns>
    public bool TryTakeNext(in RingEntry entry)
    {
        lock (_gate) return _ring.TryTakeNext(entry);
    }

    /// <summary>Copies references to the messages that follow <paramref name="after"/>.</summary>
    public RingRead Read(long after, Span<RingEntry> into)
    {
        lock (_gate) return _ring.Read(after, into);
    }

    /// <summary>
    /// Copies references to the oldest messages; messages up to <paramref name="after"/> are lost.
    /// </summary>
    public RingRead ReadOldest(Span<RingEntry> into, out long after)
    {
        lock (_gate) return _ring.Read(after = _ring.BeforeOldest, into);
    }

    /// <summary>Copies references to the newest retained messages.</summary>
    /// <param name="last">How many at most.</param>
    public RingEntry[] Retained(int last)
    {
        lock (_gate)
        {
            var messages = new RingEntry[Math.Min(last, _ring.Count)];
            _ring.Read(_ring.BeforeLast(last), messages);
            return messages;
        }
    }

    /// <summary>Gets the part of the history that a subscriber which joins now can read.</summary>
    /// <param name="last">With how many of the newest messages it would begin.</param>
    public ResumeWindow Window(int last)
    {
        lock (_gate) return new(_ring.BeforeOldest, _ring.BeforeLast(last), _ring.Newest, IsOfRun);
    }

    /// <summary>
    /// Evicts the messages that were published before <paramref name="timestamp"/>.
    /// </summary>
    public void EvictOlderThan(long timestamp)
    {
        lock (_gate) _ring.EvictOlderThan(timestamp);
    }

    /// <summary>Completes it after its last message, and wakes the subscribers.</summary>
    /// <param name="failure">The failure that ends it; null if none does.</param>
    /// <returns>False if it is retired. True also if it was complete already.</returns>
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

    /// <summary>Retires it with its messages. Its subscribers continue in the successor, or end.</summary>
    /// <param name="successor">A history that accepts the positions of this one; null if there is none.</param>
    public void Retire(ChannelHistory? successor = null)
    {
        lock (_gate)
        {
            if (IsRetired) return;
            Successor = successor;
            Change(HistoryState.Retired);
        }

        if (successor is not null) subscribers.Wake();
        else subscribers.End(EndReason.HistoryReplaced);
    }

    /// <summary>Retires an unused history if no message is lost: it is complete, empty, or in a log.</summary>
    /// <param name="isKeptElsewhere">Whether a log has the retained messages.</param>
    /// <param name="isIdle">Whether the channel was unused for its idle timeout. Called under the lock.</param>
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

    /// <summary>Retires an unused history that has neither a message nor an end.</summary>
    /// <returns>Whether it is retired.</returns>
    public bool TryRetireUnbegun()
    {
        lock (_gate)
        {
            if (_state == HistoryState.Open && _ring.Newest == 0 && !IsInUse) Change(HistoryState.Retired);
            return IsRetired;
        }
    }

    /// <summary>Adds a subscriber, so that the history is not idle.</summary>
    /// <remarks>
    /// It takes the same lock as <see cref="TryRetireIdle"/>, because otherwise a history could be retired while a subscriber joins.
    /// </remarks>
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
    /// <returns>False: another has begun, or the history is not open any more.</returns>
    public bool TryBeginRun(HistoryRun run)
    {
        lock (_gate)
        {
            if (_run is not null || _state != HistoryState.Open) return false;
            _run = run;
            return true;
        }
    }

    /// <summary>Makes this the history of a run that the log keeps. Any node may write to it.</summary>
    /// <remarks>The history may still be idle, because no message of it is lost.</remarks>
    public void BelongToRunInLog() => _isOfRunInLog = true;

    /// <summary>Ends the run, so that the channel may be idle.</summary>
    /// <param name="state">The run's last state.</param>
    /// <param name="at">When it ends.</param>
    /// <returns>False: it had ended before, or there is none.</returns>
    public bool TryEndRun(EventStreamRunState state, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_run is not { State: EventStreamRunState.Running } run) return false;
            _run = run with { State = state, Since = at };
            return true;
        }
    }

    public static InvalidOperationException Completed() =>
        new("The channel is complete: nothing more can be published to it. Use another channel.");

    // The only place where the state changes, because a retired history must stay retired.
    private void Change(HistoryState state)
    {
        if (_state != HistoryState.Retired) _state = state;
    }
}
