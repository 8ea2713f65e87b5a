using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A message's frame as a log keeps it: room for the id line, then the rest, in one array.</summary>
internal static class FrameBytes
{
    private static readonly int IdRoom = "id: "u8.Length + Positions.MaxLength + "\n"u8.Length;

    /// <summary>Encodes a message without an id. The id line is written when its sequence is known.</summary>
    public static RingEntry Encode(in EventStreamMessage message, JsonSerializerOptions json)
    {
        var buffer = WriteBuffer.Rent();
        try
        {
            // The id line of the frame is not part of it, but its blank line always is.
            FrameEncoder.Write(buffer, message, json);
            if (!message.Data.HasValue && EventFields.IsDefaultEvent(message.Event)) WriteByte(buffer, '\n');
            return Entry(buffer, message.Event);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Encodes a value that is no text as the JSON of an event.</summary>
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

    /// <summary>The messages of a page of a log, with their id lines.</summary>
    /// <param name="page">The page.</param>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="time">The node's clock.</param>
    public static RingEntry[] OfLog(EventStreamLogPage page, string epoch, TimeProvider time)
    {
        // By the clock by which the messages were published.
        var readAt = page.ReadAt ?? time.GetUtcNow();
        var entries = new RingEntry[page.Records.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = OfLog(page.Records[i], epoch, readAt, time);
        return entries;
    }

    private static RingEntry OfLog(in EventStreamStoredRecord record, string epoch, DateTimeOffset readAt, TimeProvider time)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(IdRoom + record.Frame.Length);
        record.Frame.CopyTo(bytes.AsMemory(IdRoom));

        // A clock may be set back: nothing is published in the future.
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

    /// <summary>Writes the id line right before the rest of the frame, and returns where it begins.</summary>
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

        // Without this check, the rest of the array would be sent with bytes of something else in it.
        if (body.IsEmpty && buffer.Length == 0) return;
        throw new InvalidOperationException("The bytes of the message were changed while it was published. Publish a copy.");
    }

    private static void WriteByte(WriteBuffer buffer, char value)
    {
        buffer.GetSpan(1)[0] = (byte)value;
        buffer.Advance(1);
    }
}
