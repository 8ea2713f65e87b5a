using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>A bounded log of messages, and everybody who reads it: what is published once is delivered to all, and those who come back resume where they were.</summary>
/// <remarks>
/// Got from <see cref="EventStreamHub"/>; ask the hub each time for a channel of a pattern, which may be dropped when it is idle: one that is held then still
/// publishes to the channel that has taken its name, but tells of its own past. Safe from any thread. Publishing never waits for a subscriber, and a slow subscriber costs no more memory than
/// a fast one: its position.
/// </remarks>
public sealed class EventStreamChannel
{
    private const int MaxIdempotencyKey = 256;

    private readonly EventStreamHub _hub;
    private readonly SubscriberList _subscribers = new();
    private volatile RunState _run;

    internal EventStreamChannel(EventStreamHub hub, string name, ChannelDefinition definition, RingListener? listener = null)
    {
        _hub = hub;
        Name = name;
        Definition = definition;
        LastUsed = hub.Time.GetTimestamp();
        var isInMemory = definition is { IsDurable: false, Options.UseMessageIds: false };
        Log = new ChannelLog(definition.Options, isInMemory ? () => hub.Epochs.Begin(name) : null);
        Epoch = isInMemory ? hub.Epochs.Next(name) : definition.IsDurable ? Positions.NewEpoch(name) : "";
        if (definition.IsDurable) Durable = new DurableChannel(hub.Node!, this, listener);
    }

    /// <summary>The channel's name.</summary>
    public string Name { get; }

    /// <summary>The position of the newest message; its sequence is 0 as long as there was none.</summary>
    /// <remarks>
    /// Where there is a log, it is the newest message that this node has read, which it does while the channel has subscribers here.
    /// Before the first of them the position is of no history, and to resume from it is a gap. <see cref="GetNewestAsync"/> asks the log. Where
    /// the log does not have the channel, the position is the one before the first message, whose epoch may be another one's.
    /// </remarks>
    public EventStreamPosition Newest => PositionAt(Log.Newest);

    /// <summary>How many messages are retained, in memory.</summary>
    public int Count => Log.Size.Messages;

    /// <summary>How many bytes are retained, in memory.</summary>
    public long Bytes => Log.Size.Bytes;

    /// <summary>Whether <see cref="CompleteAsync"/> was called. Where there is a log: on this node, or on another, as far as this node has read.</summary>
    public bool IsCompleted => Log.IsCompleted || Durable is { HasEnded: true };

    /// <summary>How many subscribers there are now, on this node.</summary>
    public int SubscriberCount => _subscribers.Count;

    /// <summary>How many subscribers there are on all nodes that share a log: those of this node now, those of the others as they last told, a few seconds ago.</summary>
    public int TotalSubscriberCount => SubscriberCount + (Durable is null ? 0 : _hub.Node!.Presence.CountElsewhere(Name));

    /// <summary>The subscribers there are now, on this node: a copy.</summary>
    public IReadOnlyList<EventStreamSubscriber> Subscribers => _subscribers.Snapshot();

    /// <summary>How many messages the slowest subscriber is behind.</summary>
    public long Lag => _subscribers.Slowest is { } slowest ? Math.Max(0, Log.Newest - slowest) : 0;

    internal ChannelDefinition Definition { get; }

    internal EventStreamChannelOptions Options => Definition.Options;

    internal ChannelMetrics Metrics => Definition.Metrics;

    internal ChannelLog Log { get; }

    /// <summary>The epoch of the ring. Where there is a log, it is the log's, once the ring is loaded; before, it names no history.</summary>
    internal string Epoch { get; private set; }

    /// <summary>The position of an earlier epoch up to which the log's history is the same; the default one where there is none.</summary>
    internal EventStreamPosition Continues { get; private set; }

    /// <summary>The history that there is now, as far as this node knows; null: there is none, or ids are the messages' own.</summary>
    internal KnownHistory? History
    {
        get
        {
            if (Options.UseMessageIds) return null;
            var isBegun = Durable is not null ? Durable.IsRead : Log.Newest > 0 || Log.IsCompleted;
            return isBegun ? new(Epoch, Continues) : null;
        }
    }

    /// <summary>What keeps <see cref="Log"/> in step with the log behind the channels; null where there is none.</summary>
    internal DurableChannel? Durable { get; }

    /// <summary>The sequence after which everything that can be had begins; smaller ones are a gap.</summary>
    internal long BeforeOldest => Durable?.BeforeOldest ?? Log.BeforeOldest;

    internal JsonSerializerOptions Json => _hub.Json;

    internal TimeProvider Time => _hub.Time;

    internal EventStreamHub Hub => _hub;

    /// <summary>Where a subscriber without a position begins.</summary>
    internal EventStreamStart Start => Options.Start ?? (_run != RunState.None ? EventStreamStart.Oldest : EventStreamStart.Now);

    /// <summary>How many messages may be passed over before a subscriber is told its position.</summary>
    internal long TellAfter => Math.Max(1, Options.Capacity / 4);

    /// <summary>Whether a subscriber reads it, or a run writes to it, however long the run is silent.</summary>
    private bool IsInUse => SubscriberCount > 0 || _run == RunState.Running;

    /// <summary>When something was last done with it; a timestamp.</summary>
    internal long LastUsed { get; private set; }

    /// <summary>Publishes a message: encodes it, gives it the next sequence, and wakes the subscribers.</summary>
    /// <param name="message">The message. Without an id, unless the channel has <see cref="EventStreamChannelOptions.UseMessageIds"/>, and then with one.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="cancellationToken">
    /// Gives up before the message is published; a message that is published stays. On its way to a log, it has a second more.
    /// If the log has not answered by then, the exception's inner <see cref="EventStreamLogException"/> says that it may be published.
    /// </param>
    /// <returns>Its position.</returns>
    /// <exception cref="ArgumentException">
    /// The message is empty, larger than <see cref="EventStreamChannelOptions.MaxBytes"/>, has an id where it must not, none where it must,
    /// or one that is retained. Or its event is reserved, and <see cref="EventStreamProtocol.AllowedEvents"/> does not have it.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is complete.</exception>
    [OverloadResolutionPriority(1)]
    public ValueTask<EventStreamPosition> PublishAsync(EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default) =>
        Publish(Encode(message), metadata, cancellationToken);

    /// <summary>Publishes a value as the data of a default event: strings and UTF-8 bytes as they are, everything else as JSON by the app's own options.</summary>
    /// <remarks>
    /// The type at run time decides, also where the value is declared as <see cref="object"/>. A message is published as a message, and a
    /// sequence of messages as those messages, together. A frame never becomes JSON: an <c>SseItem&lt;T&gt;</c>, a task, or an
    /// <c>IAsyncEnumerable</c> of messages is refused.
    /// </remarks>
    /// <param name="value">The value.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">
    /// Gives up before the message is published; a message that is published stays. On its way to a log, it has a second more.
    /// If the log has not answered by then, the exception's inner <see cref="EventStreamLogException"/> says that it may be published.
    /// </param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <returns>Its position; of a sequence of messages, that of the last one, and the default position if there is none.</returns>
    /// <exception cref="ArgumentException">The value is null text, or larger than <see cref="EventStreamChannelOptions.MaxBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete, or uses the messages' own ids. Or the value is a frame that cannot be published, such as a task of a
    /// message.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or there is a frame inside it.</exception>
    public ValueTask<EventStreamPosition> PublishAsync<T>(
        T value, EventStreamMetadata? metadata = null, JsonTypeInfo<T>? jsonTypeInfo = null, CancellationToken cancellationToken = default)
    {
        if (PayloadType<T>.IsMessage(value, out var message)) return PublishAsync(message, metadata, cancellationToken);
        if (PayloadType<T>.AreMessages(value, out var messages)) return PublishAllAsync(messages, metadata, cancellationToken);
        return Publish(Encode(value, jsonTypeInfo), metadata, cancellationToken);
    }

    /// <summary>Finds the position of the newest message: where there is a log, the one of all nodes, which <see cref="Newest"/> may not have heard of yet.</summary>
    /// <remarks>Waits while the log is out of reach.</remarks>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStreamLogException">The app stops, and the log is out of reach.</exception>
    public async ValueTask<EventStreamPosition> GetNewestAsync(CancellationToken cancellationToken = default)
    {
        EventStreamChannel channel;
        do
        {
            channel = Living();
            if (channel.Durable is { } durable) await durable.CatchUpAsync(cancellationToken);
        }
        while (channel.Log.IsClosed);

        return channel.Newest;
    }

    /// <summary>Publishes messages together: all of them or none, one after the other and without another between them.</summary>
    /// <param name="messages">
    /// The messages, as for one, in any sequence. It is enumerated once, before anything is published. If there are none, nothing is done.
    /// </param>
    /// <param name="metadata">What subscriptions may choose by, the same for each; an <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole, for a repetition with the same messages.</param>
    /// <param name="cancellationToken">Gives up before the messages are published, as for one.</param>
    /// <returns>Their positions.</returns>
    /// <exception cref="ArgumentException">One of them cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete, or a list of another length has the same idempotency key.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public async ValueTask<IReadOnlyList<EventStreamPosition>> PublishAsync(
        IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        CheckMetadata(metadata);
        var entries = messages.Select(Encode).ToArray();
        var now = LastUsed = _hub.Time.GetTimestamp();
        for (var i = 0; i < entries.Length; i++) (entries[i].Metadata, entries[i].PublishedAt) = (metadata, now);
        if (entries.Length == 0) return [];
        if (Durable is not null) return await PublishDurablyAsync(entries, isList: true, cancellationToken);
        var channel = Publish(entries, isList: true);
        return Array.ConvertAll(entries, entry => channel.PositionOf(entry));
    }

    /// <summary>Encodes a message for this channel's log without publishing it: for a log that takes messages in by a way of its own, such as a transaction of the caller's.</summary>
    /// <param name="message">The message.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <exception cref="ArgumentException">The message cannot be published to this channel; see <see cref="PublishAsync(EventStreamMessage, EventStreamMetadata?, CancellationToken)"/>.</exception>
    /// <exception cref="InvalidOperationException">The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.</exception>
    [OverloadResolutionPriority(1)]
    public EventStreamLogRecord CreateRecord(EventStreamMessage message, EventStreamMetadata? metadata = null)
    {
        CheckGoesToALog();
        CheckMetadata(metadata);
        return RecordOf(Encode(message), metadata);
    }

    /// <summary>Encodes messages for this channel's log that are to be appended together, without publishing them.</summary>
    /// <param name="messages">The messages, in any sequence; it is enumerated once.</param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; an <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole. Null,
    /// the default, is nothing.
    /// </param>
    /// <returns>A record for each, for one append.</returns>
    /// <exception cref="ArgumentException">One of them cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.
    /// </exception>
    public IReadOnlyList<EventStreamLogRecord> CreateRecords(IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        CheckGoesToALog();
        CheckMetadata(metadata);
        return RecordsOf([.. messages.Select(Encode)], metadata, isList: true);
    }

    /// <summary>The same for a value.</summary>
    /// <param name="value">The value: strings and UTF-8 bytes are published as they are, a message as one, everything else as JSON.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="ArgumentException">The value cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.
    /// Or the value is a frame; for a sequence of messages there is <see cref="CreateRecords"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or there is a frame inside it.</exception>
    public EventStreamLogRecord CreateRecord<T>(T value, EventStreamMetadata? metadata = null, JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        if (PayloadType<T>.IsMessage(value, out var message)) return CreateRecord(message, metadata);
        CheckGoesToALog();
        CheckMetadata(metadata);
        return RecordOf(Encode(value, jsonTypeInfo), metadata);
    }

    /// <summary>Ends the channel after its last message.</summary>
    /// <remarks>
    /// Subscribers get what they have not read, then <see cref="EventStreamProtocol.End"/>, and do not reconnect. What is retained can
    /// still be read. A second call does nothing.
    /// </remarks>
    /// <param name="cancellationToken">Gives up before the channel is completed, as publishing does.</param>
    /// <exception cref="EventStreamLogException">The log behind the channels is out of reach.</exception>
    public Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Durable is not null) return Living().Durable!.CompleteAsync(new() { Channel = Name, IsEnd = true }, cancellationToken);
        Complete();
        return Task.CompletedTask;
    }

    /// <summary>Makes this the channel of a run, once; false if it is that already.</summary>
    /// <remarks>Counts as a use: the channel is not idle before the caller has had time to subscribe.</remarks>
    internal bool TryBeginRun()
    {
        LastUsed = _hub.Time.GetTimestamp();
        return Interlocked.CompareExchange(ref _run, RunState.Running, RunState.None) == RunState.None;
    }

    /// <summary>The run writes no more: from now on the channel may be idle.</summary>
    internal void EndRun() => _run = RunState.Over;

    /// <summary>Cuts the subscribers of a run after its last message. A run's channel is not closed while the run writes to it.</summary>
    internal void Fail(Exception exception)
    {
        if (Log.Complete(ExceptionDispatchInfo.Capture(exception))) _subscribers.Wake();
    }

    internal EventStreamPosition PositionAt(long sequence) =>
        Options.UseMessageIds ? EventStreamPosition.OfMessage(IdAt(sequence) ?? "", sequence) : new(Epoch, sequence);

    /// <summary>The id of a position; null if it has none, or it is not known any more.</summary>
    internal string? IdAt(long sequence)
    {
        if (!Options.UseMessageIds) return new EventStreamPosition(Epoch, sequence).ToString();
        return Log.IdOf(sequence);
    }

    internal Resume Find(string id, bool isAlone)
    {
        if (!Options.UseMessageIds) return Positions.Find(id, Epoch, isAlone, Durable?.Origin, Continues);
        return Log.Find(id) is { } sequence ? Resume.After(sequence) : Resume.Gap(EventStreamGapReason.Unknown);
    }

    /// <summary>The sequence after which the last <paramref name="count"/> retained messages begin.</summary>
    internal long BeforeLast(int count)
    {
        var last = Log.BeforeLast(count);
        return Durable is null || last > Log.BeforeOldest ? last : Math.Max(Durable.BeforeOldest, Log.Newest - count);
    }

    /// <summary>The gap of one who comes, if there is one.</summary>
    internal PendingGap? GapAt(Resume resume, string? requested, EventStreamStart start)
    {
        var reason = resume.GapReason;
        long? position = null;
        if (resume.Sequence > Log.Newest) reason = EventStreamGapReason.Future;
        else if (resume.IsPosition && resume.Sequence < BeforeOldest) (reason, position) = (EventStreamGapReason.Evicted, resume.Sequence);
        else if (resume == Resume.None && _run != RunState.None && start == EventStreamStart.Oldest && Log.BeforeOldest > 0)
        {
            (reason, position) = (EventStreamGapReason.Evicted, 0);
        }

        return reason is null ? null : new PendingGap(this, reason.Value, requested ?? "", position);
    }

    /// <summary>The sequence after which the log goes on once a snapshot is sent; <paramref name="after"/> is where it went on when the gap was found.</summary>
    internal long PositionOf(EventStreamSnapshot snapshot, EventStreamGap gap, long after)
    {
        var at = snapshot.At == default ? gap.Newest : snapshot.At;
        if ((at.Epoch == gap.Newest.Epoch || at.Epoch == Epoch || IsOrigin(at) || IsContinued(at)) && at.Sequence <= Log.Newest)
        {
            // Messages between such a snapshot and the log are lost as before: the subscriber would get a gap and a snapshot again, without end.
            return at.Sequence >= after
                ? at.Sequence
                : throw new InvalidOperationException($"OnGap of the channel '{Name}' returned a snapshot at '{at}', and what followed that is not retained any more. Take the position when the state is read, not when it last changed; or leave it out.");
        }

        throw new InvalidOperationException($"OnGap of the channel '{Name}' returned a snapshot at '{at}', which is no position of this channel. Use what PublishAsync returned, or leave it out.");
    }

    /// <summary>Begins with what the log says: the epoch, what that goes on from, and the sequence after which the ring goes on.</summary>
    /// <remarks>Called again, while nothing is in the ring, when a channel that the log did not have was made.</remarks>
    /// <exception cref="InvalidOperationException">The log's epoch is not of the form that positions have.</exception>
    internal void Begin(string? epoch, EventStreamPosition continues, long after)
    {
        if (!Positions.IsEpoch(epoch, Name))
        {
            throw new InvalidOperationException(
                $"The log gave the channel '{Name}' the epoch '{epoch}', of which no position can be made. "
                + "IEventStreamLog takes each epoch from EventStreamPosition.NewEpoch.");
        }

        (Epoch, Continues) = (epoch!, continues);
        Log.Begin(after);
    }

    /// <summary>Gives up this life of the channel, because the log has begun another: the subscribers come back, and are told of the gap.</summary>
    internal void Retire()
    {
        Log.Close();
        _hub.Drop(this);
        Disconnect();
    }

    internal void Disconnect(Func<Subscriber, bool>? which = null) => _subscribers.Disconnect(which);

    internal void Wake() => _subscribers.Wake();

    internal WakeShard Join(Subscriber subscriber) => _subscribers.Add(subscriber);

    internal void Leave(Subscriber subscriber)
    {
        LastUsed = _hub.Time.GetTimestamp();
        _subscribers.Remove(subscriber);
        DropIfUnbegun();
    }

    /// <summary>Drops a channel of a pattern that was never published to, and that nothing uses any more.</summary>
    /// <remarks>Nothing is lost: the next channel of the name, in memory or in the log, takes the positions of this one.</remarks>
    internal void DropIfUnbegun()
    {
        if (!Definition.IsPattern || Durable is { IsInLog: true }) return;
        if (Log.TryCloseUnbegun(() => !IsInUse)) _hub.Drop(this);
    }

    internal void SubscriberIsSlow()
    {
        Metrics.SubscriberIsSlow();
        Diagnostics.Log.SubscriberIsSlow(_hub.Host.Logger, Name);
    }

    internal void GapIsUntold(EventStreamGapReason reason)
    {
        Metrics.GapUntold(reason);
        Diagnostics.Log.GapUntold(_hub.Host.Logger, Name, GapJson.NameOf(reason));
    }

    internal void Observe(Action<EventStreamSubscriber>? observer, Subscriber subscriber)
    {
        try
        {
            observer?.Invoke(subscriber.Describe());
        }
        catch (Exception exception)
        {
            Diagnostics.Log.ObserverThrew(_hub.Host.Logger, exception, Name);
        }
    }

    /// <summary>This channel, or the one that has taken its name since it was dropped.</summary>
    internal EventStreamChannel Living() => Log.IsClosed ? _hub.Channel(Name) : this;

    /// <summary>Drops what is too old; and closes the channel if it may go, and nobody has used it since.</summary>
    internal bool Sweep(long now)
    {
        if (Definition.MaxAge is { } age) Log.DropOlderThan(now - Time.TimestampsIn(age));
        return Definition.IsPattern && IsIdle(now) && TryClose(now);
    }

    private bool IsIdle(long now) => !IsInUse && now - LastUsed >= Time.TimestampsIn(Options.IdleTimeout);

    private bool TryClose(long now) => Log.TryClose(isKeptElsewhere: Durable is not null, () => IsIdle(now));

    private bool IsOrigin(EventStreamPosition position) => position is { Sequence: 0, Epoch: { } epoch } && epoch == Durable?.Origin;

    private bool IsContinued(EventStreamPosition position) => position.Epoch == Continues.Epoch && position.Sequence <= Continues.Sequence;

    private LogEntry Encode(EventStreamMessage message)
    {
        if (message.IsEmpty) throw new ArgumentException("The message is empty, so there is nothing to publish.", nameof(message));
        ReservedEvents.Check(message.Event, Definition.Protocol);
        if (Options.UseMessageIds == (message.Id is null) || message.Id is "")
        {
            throw new ArgumentException(
                Options.UseMessageIds
                    ? $"The channel '{Name}' uses the messages' own ids (UseMessageIds), and this one has none."
                    : $"The message has the id '{message.Id}', and the channel '{Name}' gives out its own. Publish it without, or set UseMessageIds for the channel.",
                nameof(message));
        }

        return Checked(FrameBytes.Encode(message, Json));
    }

    private LogEntry Encode<T>(T value, JsonTypeInfo<T>? jsonTypeInfo)
    {
        if (Options.UseMessageIds) throw new InvalidOperationException($"The channel '{Name}' uses the messages' own ids (UseMessageIds). Publish EventStreamMessage.Json(value) with {{ Id = … }}.");
        return Checked(FrameBytes.Encode(value, jsonTypeInfo ?? PayloadType<T>.ContractFor(value, Json)));
    }

    private LogEntry Checked(in LogEntry entry) => entry.Size <= Options.MaxBytes
        ? entry
        : throw new ArgumentException($"The message has {entry.Size} bytes on the wire, and the channel '{Name}' holds at most {Options.MaxBytes}. Send a smaller one, or raise MaxBytes.");

    private void CheckGoesToALog()
    {
        if (Options.InMemory) throw new InvalidOperationException($"The messages of the channel '{Name}' stay in this process (InMemory), so they go to no log. Publish without a transaction, or take InMemory back.");
    }

    private EventStreamLogRecord[] RecordsOf(LogEntry[] entries, EventStreamMetadata? metadata, bool isList)
    {
        var hasKey = isList && metadata?.IdempotencyKey is not null;
        var records = new EventStreamLogRecord[entries.Length];
        for (var i = 0; i < records.Length; i++) records[i] = RecordOf(entries[i], metadata, hasKey ? new(i + 1, records.Length) : null);
        return records;
    }

    private EventStreamLogRecord RecordOf(in LogEntry entry, EventStreamMetadata? metadata, EventStreamListPart? part = null) => new()
    {
        Part = part,
        Channel = Name,
        Frame = entry.Bytes.AsMemory(entry.BodyStart),
        Event = entry.Event,
        Metadata = metadata,
        Replaces = Options.LatestByKey && metadata?.Key is not null,
    };

    private ValueTask<EventStreamPosition> Publish(LogEntry entry, EventStreamMetadata? metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckMetadata(metadata);
        entry.Metadata = metadata;
        entry.PublishedAt = LastUsed = _hub.Time.GetTimestamp();
        if (Durable is not null) return PublishOneAsync([entry], cancellationToken);
        return new(Publish(new Span<LogEntry>(ref entry), isList: false).PositionOf(entry));

        async ValueTask<EventStreamPosition> PublishOneAsync(LogEntry[] one, CancellationToken token) =>
            (await PublishDurablyAsync(one, isList: false, token))[0];
    }

    /// <summary>Publishes messages together, and returns the position of the last one.</summary>
    private async ValueTask<EventStreamPosition> PublishAllAsync(
        IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata, CancellationToken token) =>
        await PublishAsync(messages, metadata, token) is [.., var last] ? last : default;

    /// <summary>Appends messages to the ring, and returns the channel that took them.</summary>
    private EventStreamChannel Publish(Span<LogEntry> entries, bool isList)
    {
        // It was dropped for being idle, just as this came: the hub has, or makes, another of the same name.
        var channel = this;
        while (!channel.Log.Append(entries, channel.Epoch, isList)) channel = _hub.Channel(Name);
        channel.Metrics.Published(entries.Length);
        channel._subscribers.Wake();
        return channel;
    }

    private async Task<EventStreamPosition[]> PublishDurablyAsync(LogEntry[] entries, bool isList, CancellationToken cancellationToken)
    {
        var channel = Living();
        var records = channel.RecordsOf(entries, entries[0].Metadata, isList);
        var positions = await channel.Durable!.AppendAsync(entries, records, cancellationToken);
        Metrics.Published(entries.Length);
        return positions;
    }

    private EventStreamPosition PositionOf(in LogEntry entry) =>
        Options.UseMessageIds ? EventStreamPosition.OfMessage(FrameBytes.IdOf(entry), entry.Sequence) : new(Epoch, entry.Sequence);

    private void CheckMetadata(EventStreamMetadata? metadata)
    {
        if (metadata?.IdempotencyKey is { Length: 0 or > MaxIdempotencyKey })
        {
            throw new ArgumentException($"An idempotency key has from 1 to {MaxIdempotencyKey} characters.", nameof(metadata));
        }

        if (Durable is not null && metadata?.Tag is not (null or string))
        {
            throw new ArgumentException($"The messages of the channel '{Name}' outlive the process, and a tag of the type {metadata.Tag.GetType()} does not. Give it a string.", nameof(metadata));
        }
    }

    private void Complete()
    {
        var channel = this;
        while (!channel.Log.Complete(failure: null))
        {
            // Complete already; or closed, and then another channel has, or gets, its name.
            if (!channel.Log.IsClosed) return;
            channel = _hub.Channel(Name);
        }

        channel._subscribers.Wake();
    }

    /// <summary>Whether a run writes to the channel.</summary>
    private enum RunState
    {
        None,
        Running,
        Over,
    }
}
