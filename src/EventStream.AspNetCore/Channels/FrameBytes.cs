using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Encodes a message's frame into one array: room for the id line, then the rest.</summary>
internal static class FrameBytes
{
    private static readonly int IdRoom = "id: "u8.Length + Positions.MaxLength + "\n"u8.Length;

    /// <summary>Encodes a message without its id line, which is written when its sequence is known.</summary>
    public static RingEntry Encode(in EventStreamMessage message, JsonSerializerOptions json)
    {
        var buffer = WriteBuffer.Rent();
        try
        {
            // The encoder ends a frame without data by no blank line, but this one gets an id line, and then needs it.
            FrameEncoder.Write(buffer, message, json);
            if (!message.Data.HasValue && EventFields.IsDefaultEvent(message.Event)) WriteByte(buffer, '\n');
            return Entry(buffer, message.Event);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Encodes a value as the JSON data of an event.</summary>
    public static RingEntry EncodeJson<T>(T value, string? eventName, JsonTypeInfo<T> json)
    {
        PayloadType<T>.RefuseFrame(value);
        var buffer = WriteBuffer.Rent();
        try
        {
            FrameEncoder.WriteValue(buffer, id: null, eventName, retryMilliseconds: 0, value, json);
            return Entry(buffer, eventName);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Converts the records of a log's page to messages with id lines.</summary>
    /// <param name="page">The page.</param>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="time">The node's clock.</param>
    public static RingEntry[] OfLog(EventStreamLogPage page, string epoch, TimeProvider time)
    {
        // The log's clock if possible, because it is the clock of the messages' times.
        var readAt = page.ReadAt ?? time.GetUtcNow();
        var entries = new RingEntry[page.Records.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = OfLog(page.Records[i], epoch, readAt, time);
        return entries;
    }

    private static RingEntry OfLog(in EventStreamStoredRecord record, string epoch, DateTimeOffset readAt, TimeProvider time)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(IdRoom + record.Frame.Length);
        record.Frame.CopyTo(bytes.AsMemory(IdRoom));

        // Not negative: if the clock was set back, a message would seem to be published in the future.
        var age = Math.Max(0, (readAt - record.PublishedAt).TotalSeconds);
        return new()
        {
            Bytes = bytes,
            BodyStart = IdRoom,
            IdStart = WriteId(bytes, IdRoom, epoch, record.Sequence),
            Event = record.Event,
            Metadata = record.Metadata,
            Sequence = record.Sequence,
            PublishedAt = time.GetTimestamp() - (long)(age * time.TimestampFrequency),
        };
    }

    /// <summary>Writes the id line directly before the rest of the frame, and returns its start.</summary>
    public static int WriteId(Span<byte> frame, int bodyStart, string epoch, long sequence)
    {
        Span<byte> position = stackalloc byte[Positions.MaxLength];
        position = position[..Positions.Write(position, epoch, sequence)];
        var start = bodyStart - position.Length - 5;
        "id: "u8.CopyTo(frame[start..]);
        position.CopyTo(frame[(start + 4)..]);
        frame[bodyStart - 1] = (byte)'\n';
        return start;
    }

    private static RingEntry Entry(WriteBuffer buffer, string? name)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(IdRoom + buffer.Size);
        Copy(buffer, bytes.AsSpan(IdRoom));
        return new() { Bytes = bytes, BodyStart = IdRoom, Event = name };
    }

    private static void Copy(WriteBuffer buffer, Span<byte> body)
    {
        if (!buffer.LeavesInPieces)
        {
            buffer.Written.Span.CopyTo(body);
            return;
        }

        FrameParts parts = new();
        buffer.MoveTo(parts);
        while (parts.TryFill(buffer) && buffer.Length <= body.Length)
        {
            buffer.Written.Span.CopyTo(body);
            body = body[buffer.Length..];
        }

        // Without this check, the rest of the array would be sent uninitialised, with bytes of other data.
        if (body.IsEmpty && buffer.Length == 0) return;
        throw new InvalidOperationException("The bytes of the message changed while it was published. Publish a copy of the array.");
    }

    private static void WriteByte(WriteBuffer buffer, char value)
    {
        buffer.GetSpan(1)[0] = (byte)value;
        buffer.Advance(1);
    }
}
