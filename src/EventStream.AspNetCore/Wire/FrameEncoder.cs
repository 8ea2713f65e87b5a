using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>Encodes messages as whole frames of UTF-8 bytes.</summary>
/// <remarks>A call that throws has written nothing.</remarks>
internal static class FrameEncoder
{
    /// <summary>Writes the frame of <paramref name="message"/>, and returns the number of bytes: 0 if the message is empty.</summary>
    public static int Write(IBufferWriter<byte> output, in EventStreamMessage message, JsonSerializerOptions json) =>
        WriteFrame(output, new(message.Comment, message.Id, message.Event, message.RetryMilliseconds), message.Data, json);

    /// <summary>Writes a frame that moves the client to <paramref name="id"/>, and dispatches no event.</summary>
    /// <returns>The number of bytes: 0 if there is no id, or if no client could send it back.</returns>
    public static int WritePosition(IBufferWriter<byte> output, string? id) =>
        id is not null && EventFields.IsId(id)
            ? WriteFrame(output, new(Comment: null, id, Event: null, Retry: 0), data: default, json: null)
            : 0;

    /// <summary>Writes the id line of a frame, and returns the number of bytes.</summary>
    public static int WriteIdLine(IBufferWriter<byte> output, string id)
    {
        var buffer = new FrameBuffer(output);
        buffer.WriteLine("id: "u8, id);
        return buffer.Complete();
    }

    /// <summary>Writes the frame of <paramref name="message"/> with another id, which may have the end mark; null for none.</summary>
    public static int WriteWithId(IBufferWriter<byte> output, string? id, in EventStreamMessage message, JsonSerializerOptions json) =>
        WriteFrame(output, new(message.Comment, id, message.Event, message.RetryMilliseconds), message.Data, json);

    /// <summary>Writes a frame whose data is a value: text and bytes unchanged, all other values as JSON.</summary>
    /// <returns>The number of bytes: 0 if there is neither data nor another field.</returns>
    /// <exception cref="ArgumentException">The value is bytes that are not UTF-8.</exception>
    public static int WriteValue<T>(
        IBufferWriter<byte> output, string? id, string? name, int retryMilliseconds, T value, JsonTypeInfo<T>? json)
    {
        var fields = new FrameFields(Comment: null, id, name, retryMilliseconds);
        if (TextPayload<T>.Is(value, out var text)) return WriteFrame(output, fields, text, json: null);
        Debug.Assert(json is not null);
        using var frame = JsonFrame.Open(output, fields, json.Options);
        JsonContract<T>.Write(frame.Writer, value, json);
        return frame.Complete(fields);
    }

    /// <summary>Writes a frame whose data is <paramref name="utf8"/>, which must not change any more.</summary>
    public static int WriteBytes(IBufferWriter<byte> output, in FrameFields fields, byte[] utf8) =>
        WritePart(output, fields, new Utf8Part(utf8));

    private static int WriteFrame(IBufferWriter<byte> output, in FrameFields fields, in EventStreamData data, JsonSerializerOptions? json)
    {
        if (data.Json is { } payload)
        {
            Debug.Assert(json is not null);
            return WriteJson(output, fields, payload, json);
        }

        if (!data.HasValue && fields.IsEmpty) return 0;
        if (PartOf(data) is { } part) return WritePart(output, fields, part);
        var buffer = new FrameBuffer(output);
        fields.WriteHead(ref buffer);
        if (data.Text is { } text) DataLines.Write(ref buffer, text);
        else if (data.HasValue) DataLines.Write(ref buffer, data.Bytes.Span);
        fields.WriteTail(ref buffer, data.HasValue);
        return buffer.Complete();
    }

    /// <summary>Gets the data as a part if it is too large to be encoded at once; otherwise null.</summary>
    private static FramePart? PartOf(in EventStreamData data)
    {
        if (data.Text is { } text) return text.Length > FramePart.PieceSize ? new TextPart(text) : null;
        return data.Bytes.Length > FramePart.PieceSize ? new Utf8Part(data.Bytes) : null;
    }

    private static int WritePart(IBufferWriter<byte> output, in FrameFields fields, FramePart data)
    {
        var buffer = new FrameBuffer(output);
        fields.WriteHead(ref buffer);
        buffer.Write(DataLines.Start);
        var length = checked(buffer.Complete() + data.WriteTo(output));
        buffer = new FrameBuffer(output);
        buffer.Write(DataLines.End);
        fields.WriteTail(ref buffer, hasData: true);
        return checked(length + buffer.Complete());
    }

    private static int WriteJson(IBufferWriter<byte> output, in FrameFields fields, JsonPayload payload, JsonSerializerOptions json)
    {
        using var frame = JsonFrame.Open(output, fields, payload.OptionsOr(json));
        payload.Write(frame.Writer, json);
        return frame.Complete(fields);
    }
}
