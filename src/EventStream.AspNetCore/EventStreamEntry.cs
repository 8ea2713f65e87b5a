using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>A message that a channel retains, or a gap before one, as the app sees it.</summary>
/// <remarks>
/// <see cref="EventStreamChannel.ReadAsync(EventStreamPosition?, Func{EventStreamEntry, bool}?, CancellationToken)"/> gives it,
/// <see cref="EventStreamChannel.GetRetainedAsync"/> lists it, and <see cref="EventStreamSubscription.Filter"/> chooses by it. Nothing of
/// the message is copied or decoded before it is asked for. Immutable, and safe from any thread. An entry that is kept keeps the bytes of
/// its message in memory.
/// </remarks>
public readonly struct EventStreamEntry
{
    private readonly RingEntry _message;
    private readonly ChannelHistory? _history;
    private readonly GapEntry? _gap;

    internal EventStreamEntry(in RingEntry message, ChannelHistory history)
    {
        _message = message;
        _history = history;
    }

    internal EventStreamEntry(ChannelHistory history, long sequence, EventStreamGap gap, IReadOnlyList<EventStreamEntry> snapshot)
    {
        _message = new() { Sequence = sequence, PublishedAt = history.Definition.Host.Time.GetTimestamp() };
        _history = history;
        _gap = new(gap, snapshot);
    }

    /// <summary>The position of the message: reading after it goes on with the next one.</summary>
    /// <value>
    /// Of a gap, the position after which the channel goes on. Of a message in a <see cref="Snapshot"/>, that of the snapshot. In a filter,
    /// the message's own.
    /// </value>
    public EventStreamPosition Position => _history?.PositionAt(_message.Sequence) ?? default;

    /// <summary>The name of the message's event.</summary>
    /// <value>Null: the default event, or a gap.</value>
    public string? Event => _message.Event;

    /// <summary>What the publisher said about the message.</summary>
    /// <value>Null: nothing.</value>
    public EventStreamMetadata? Metadata => _message.Metadata;

    /// <summary>When the message was published, or the gap was found, by this node's clock.</summary>
    /// <value>
    /// Computed from the message's age each time it is asked for, to about a millisecond. A clock that is set moves it. Behind a log, the
    /// age is that of the log's clock.
    /// </value>
    public DateTimeOffset PublishedAt
    {
        get
        {
            if (_history?.Definition.Host.Time is not { } time) return default;
            return time.GetUtcNow() - time.GetElapsedTime(_message.PublishedAt);
        }
    }

    /// <summary>Messages that are missing before the next entry.</summary>
    /// <value>Null, as for nearly every entry: this is a message. Never set in a filter.</value>
    public EventStreamGap? Gap => _gap?.Gap;

    /// <summary>The state that <see cref="EventStreamChannelOptions.OnGap"/> gave in place of the missing messages.</summary>
    /// <value>Empty where there is no <c>OnGap</c>, and for a message. It stands for everything up to <see cref="Position"/>.</value>
    public IReadOnlyList<EventStreamEntry> Snapshot => _gap?.Snapshot ?? [];

    /// <summary>Whether the message has data; empty text is data.</summary>
    public bool HasData => FrameData.Of(Frame) is not null;

    /// <summary>The data as text, with LF between its lines.</summary>
    /// <value>Decoded each time it is asked for. Empty, never null, also where there is no data; see <see cref="HasData"/>.</value>
    public string Data => FrameData.TextOf(Frame) ?? "";

    /// <summary>The data as UTF-8 bytes, with LF between its lines.</summary>
    /// <value>
    /// Not copied where the data is one line, as JSON is by default. All subscribers share these bytes: do not change them through
    /// <see cref="System.Runtime.InteropServices.MemoryMarshal"/>. Data of more lines is copied each time. Empty where there is no data.
    /// </value>
    public ReadOnlyMemory<byte> DataUtf8 => FrameData.Of(Frame) ?? default;

    private ReadOnlyMemory<byte> Frame => _message.Bytes.AsMemory(_message.BodyStart);

    /// <summary>Reads the data as JSON.</summary>
    /// <param name="jsonTypeInfo">
    /// The contract to read by. Null, the default: that of the app's JSON options
    /// (<see cref="Microsoft.AspNetCore.Http.Json.JsonOptions"/>), by which values are published.
    /// </param>
    /// <typeparam name="T">What the data is read as.</typeparam>
    /// <returns>The value; null where the data is the JSON literal <c>null</c>.</returns>
    /// <exception cref="InvalidOperationException">There is no data: the entry is a gap, or its message has none.</exception>
    /// <exception cref="System.Text.Json.JsonException">The data is not JSON, or not of this type.</exception>
    /// <exception cref="NotSupportedException">The app's options have no contract of this type.</exception>
    public T? ReadFromJson<T>(JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        if (_history is not { } history || FrameData.Of(Frame) is not { } data)
        {
            throw new InvalidOperationException(
                _gap is null
                    ? "The message has no data. Look at HasData before you read it."
                    : $"This entry has no data: it tells that messages are missing ({_gap.Gap.Reason}). Look at Gap before you read it.");
        }

        return JsonContract<T>.Read(data.Span, jsonTypeInfo ?? JsonContract<T>.From(history.Definition.Host.Json));
    }

    /// <summary>The position, and the gap's reason or the data: for people who read a log.</summary>
    public override string ToString() => Gap is { } gap ? $"{Position} gap {gap.Reason}" : $"{Position} {Event} {Data}";

    // One object, because a filter is given an entry for each message, and few entries are a gap.
    private sealed record GapEntry(EventStreamGap Gap, IReadOnlyList<EventStreamEntry> Snapshot);
}
