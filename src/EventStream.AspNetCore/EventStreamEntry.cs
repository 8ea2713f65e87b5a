using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>A message of a channel, or a gap before one, as the app reads it.</summary>
/// <remarks>
/// <see cref="EventStreamChannel.ReadAsync(EventStreamPosition?, Func{EventStreamEntry, bool}?, CancellationToken)"/> yields entries,
/// <see cref="EventStreamChannel.GetRetainedAsync"/> lists them, and <see cref="EventStreamSubscription.Filter"/> chooses by them. A
/// property copies or decodes the message only when it is read. Immutable, and safe from any thread. An entry keeps the bytes of its
/// message in memory.
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

    /// <summary>The position of the message: reading after it continues with the next one.</summary>
    /// <value>
    /// For a gap, the position after which the channel continues. For a message in a <see cref="Snapshot"/>, the snapshot's position. In a
    /// filter, the message's own.
    /// </value>
    public EventStreamPosition Position => _history?.PositionAt(_message.Sequence) ?? default;

    /// <summary>The name of the message's event.</summary>
    /// <value>Null: the default event, or a gap.</value>
    public string? Event => _message.Event;

    /// <summary>The metadata that the publisher gave the message.</summary>
    /// <value>Null: none.</value>
    public EventStreamMetadata? Metadata => _message.Metadata;

    /// <summary>When the message was published, or the gap was found, on this node's clock.</summary>
    /// <value>
    /// Computed from the message's age at each read, to about a millisecond. Setting the clock changes the value. With a log, the age is
    /// measured by the log's clock.
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

    /// <summary>The state from <see cref="EventStreamChannelOptions.OnGap"/>, in place of the missing messages.</summary>
    /// <value>Empty without <c>OnGap</c>, and for a message. It includes everything up to <see cref="Position"/>.</value>
    public IReadOnlyList<EventStreamEntry> Snapshot => _gap?.Snapshot ?? [];

    /// <summary>Whether the message has data; empty text is data.</summary>
    public bool HasData => FrameData.Of(Frame) is not null;

    /// <summary>The data as text, with LF between its lines.</summary>
    /// <value>Decoded at each read. Empty, never null, also if there is no data; see <see cref="HasData"/>.</value>
    public string Data => FrameData.TextOf(Frame) ?? "";

    /// <summary>The data as UTF-8 bytes, with LF between its lines.</summary>
    /// <value>
    /// Not copied if the data is one line, as JSON is by default. All subscribers share these bytes: do not change them through
    /// <see cref="System.Runtime.InteropServices.MemoryMarshal"/>. Data of several lines is copied at each read. Empty if there is no data.
    /// </value>
    public ReadOnlyMemory<byte> DataUtf8 => FrameData.Of(Frame) ?? default;

    private ReadOnlyMemory<byte> Frame => _message.Bytes.AsMemory(_message.BodyStart);

    /// <summary>Reads the data as JSON.</summary>
    /// <param name="jsonTypeInfo">
    /// The JSON contract. Null, the default, takes it from the app's JSON options
    /// (<see cref="Microsoft.AspNetCore.Http.Json.JsonOptions"/>), which publishing uses as well.
    /// </param>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <returns>The value; null where the data is the JSON literal <c>null</c>.</returns>
    /// <exception cref="InvalidOperationException">The entry has no data: it is a gap, or a message without data.</exception>
    /// <exception cref="System.Text.Json.JsonException">The data is not JSON, or not of this type.</exception>
    /// <exception cref="NotSupportedException">The app's options have no contract of this type.</exception>
    public T? ReadFromJson<T>(JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        if (_history is not { } history || FrameData.Of(Frame) is not { } data)
        {
            throw new InvalidOperationException(
                _gap is null
                    ? "The message has no data. Check HasData before you read it."
                    : $"This entry has no data: it is a gap ({_gap.Gap.Reason}). Check Gap before you read it.");
        }

        return JsonContract<T>.Read(data.Span, jsonTypeInfo ?? JsonContract<T>.From(history.Definition.Host.Json));
    }

    /// <summary>The position, and the gap's reason or the data, for log texts.</summary>
    public override string ToString() => Gap is { } gap ? $"{Position} gap {gap.Reason}" : $"{Position} {Event} {Data}";

    // One reference to both keeps the struct small: a filter gets a copy for each message, and few entries are gaps.
    private sealed record GapEntry(EventStreamGap Gap, IReadOnlyList<EventStreamEntry> Snapshot);
}
