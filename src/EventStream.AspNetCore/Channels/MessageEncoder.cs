using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Checks messages against a channel's definition, and encodes them once for all subscribers.</summary>
/// <param name="channel">The channel's name.</param>
/// <param name="definition">The channel's definition.</param>
internal readonly struct MessageEncoder(string channel, ChannelDefinition definition)
{
    private const int MaxIdempotencyKey = 256;

    private EventStreamChannelOptions Options => definition.Options;

    /// <summary>Encodes a message.</summary>
    /// <exception cref="ArgumentException">The message cannot be published to the channel.</exception>
    public RingEntry Encode(EventStreamMessage message)
    {
        ReservedEvents.Check(message.Event, definition.Protocol);
        return EncodeLast(message);
    }

    /// <summary>Encodes the last message of a run that has failed, which may have any event name.</summary>
    /// <exception cref="ArgumentException">The message cannot be published to the channel.</exception>
    public RingEntry EncodeLast(EventStreamMessage message)
    {
        if (message.IsEmpty) throw new ArgumentException("The message is empty, so there is nothing to publish.", nameof(message));
        if (message.Id is not null)
        {
            throw new ArgumentException(
                $"The message has the id '{message.Id}', and the channel '{channel}' sets the ids of its messages. "
                + "Publish it without an id: put a key of yours into the data, or into EventStreamMetadata.IdempotencyKey. "
                + "To send your own ids, stream from your own source: Results.EventStream(lastEventId => ...).",
                nameof(message));
        }

        return Checked(FrameBytes.Encode(message, definition.Host.Json));
    }

    /// <summary>Encodes messages that are published together.</summary>
    public RingEntry[] Encode(IEnumerable<EventStreamMessage> messages) => [.. messages.Select(Encode)];

    /// <summary>Encodes a value as JSON, without the object that a message of it would allocate.</summary>
    /// <exception cref="ArgumentException">The event's name cannot be published to the channel, or the value is too large.</exception>
    public RingEntry EncodeJson<T>(T value, string? eventName, JsonTypeInfo<T>? jsonTypeInfo)
    {
        ReservedEvents.Check(EventFields.CheckEvent(eventName), definition.Protocol);
        return Checked(FrameBytes.EncodeJson(value, eventName, jsonTypeInfo ?? JsonContract<T>.From(definition.Host.Json)));
    }

    /// <summary>Checks the metadata of a message.</summary>
    public static void Check(EventStreamMetadata? metadata)
    {
        if (metadata?.IdempotencyKey is { Length: 0 or > MaxIdempotencyKey })
        {
            throw new ArgumentException(
                $"An idempotency key has from 1 to {MaxIdempotencyKey} characters, and this one has {metadata.IdempotencyKey.Length}.",
                nameof(metadata));
        }
    }

    /// <summary>Creates the records of messages that are appended together.</summary>
    /// <exception cref="ArgumentException">The tag is not a string.</exception>
    public EventStreamLogRecord[] RecordsOf(RingEntry[] entries, EventStreamMetadata? metadata, bool isList)
    {
        if (metadata?.Tag is not (null or string))
        {
            throw new ArgumentException(
                $"The messages of the channel '{channel}' are stored in a log, "
                + $"which cannot store a Tag of the type {metadata.Tag.GetType()}. Use a string.",
                nameof(metadata));
        }

        var hasKey = isList && metadata?.IdempotencyKey is not null;
        var records = new EventStreamLogRecord[entries.Length];
        for (var i = 0; i < records.Length; i++) records[i] = RecordOf(entries[i], metadata, hasKey ? new(i + 1, records.Length) : null);
        return records;
    }

    /// <summary>Creates the record of a message.</summary>
    private EventStreamLogRecord RecordOf(in RingEntry entry, EventStreamMetadata? metadata, EventStreamListPart? part = null) => new()
    {
        Part = part,
        Channel = channel,
        Frame = entry.Bytes.AsMemory(entry.BodyStart),
        Event = entry.Event,
        Metadata = metadata,
        Replaces = Options.LatestByKey && metadata?.Key is not null,
    };

    private RingEntry Checked(in RingEntry entry) => entry.Size <= Options.MaxBytes
        ? entry
        : throw new ArgumentException(
            $"The message has {entry.Size} bytes in the wire format, and the channel '{channel}' holds at most {Options.MaxBytes}. "
            + "Publish a smaller message, or raise EventStreamChannelOptions.MaxBytes.");
}
