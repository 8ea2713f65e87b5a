using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>Message to UTF-8 bytes: pure, synchronous, whole frames only. What throws has written nothing.</summary>
internal static class FrameEncoder
{
    /// <summary>Writes the frame of <paramref name="message"/>; false if it is empty, and then nothing is written.</summary>
    public static bool Write(IBufferWriter<byte> output, in EventStreamMessage message, JsonSerializerOptions json) =>
        WriteFrame(output, new(message.Comment, message.Id, message.Event, message.RetryMilliseconds), message.Data, json);

    /// <summary>Writes a frame that moves the client to <paramref name="id"/> and dispatches nothing; false if there is no id, or one that no client could send back.</summary>
    public static bool WritePosition(IBufferWriter<byte> output, string? id) =>
        id is not null && EventFields.IsId(id) && WriteFrame(output, new(Comment: null, id, Event: null, Retry: 0), data: default, json: null);

    /// <summary>Writes the last frame of a finished stream: <paramref name="message"/> with <paramref name="id"/>, which carries the end mark.</summary>
    public static void WriteEnd(IBufferWriter<byte> output, string id, in EventStreamMessage message, JsonSerializerOptions json) =>
        WriteFrame(output, new(message.Comment, id, message.Event, message.RetryMilliseconds), message.Data, json);

    /// <summary>Writes a frame whose data is <paramref name="value"/>, by its declared type: text for a string, bytes as they are, and JSON for all else.</summary>
    /// <returns>False if there is neither data nor another field, and then nothing is written.</returns>
    /// <exception cref="ArgumentException">The value is bytes that are not UTF-8.</exception>
    public static bool WriteValue<T>(IBufferWriter<byte> output, string? id, string? name, int retryMilliseconds, T value, JsonTypeInfo<T>? json)
    {
        var fields = new FrameFields(Comment: null, id, name, retryMilliseconds);

        // The compiler of each instance keeps one branch, without the boxes.
        if (typeof(T) == typeof(string)) return WriteFrame(output, fields, (string?)(object?)value, json: null);
        if (typeof(T) == typeof(byte[])) return WriteFrame(output, fields, (byte[]?)(object?)value, json: null);
        if (typeof(T) == typeof(ReadOnlyMemory<byte>)) return WriteFrame(output, fields, (ReadOnlyMemory<byte>)(object)value!, json: null);

        Debug.Assert(json is not null);
        using var frame = JsonFrame.Open(output, fields, json.Options);
        JsonContract<T>.Write(frame.Writer, value, json);
        frame.Complete(fields);
        return true;
    }

    private static bool WriteFrame(IBufferWriter<byte> output, in FrameFields fields, in EventStreamData data, JsonSerializerOptions? json)
    {
        if (data.Json is { } payload)
        {
            Debug.Assert(json is not null);
            WriteJson(output, fields, payload, json);
            return true;
        }

        if (!data.HasValue && fields.IsEmpty) return false;
        var buffer = new FrameBuffer(output);
        fields.WriteHead(ref buffer);
        if (data.Text is { } text) DataLines.Write(ref buffer, text);
        else if (data.HasValue) DataLines.Write(ref buffer, data.Bytes.Span);
        fields.WriteTail(ref buffer, data.HasValue);
        buffer.Complete();
        return true;
    }

    private static void WriteJson(IBufferWriter<byte> output, in FrameFields fields, JsonPayload payload, JsonSerializerOptions json)
    {
        using var frame = JsonFrame.Open(output, fields, payload.OptionsOr(json));
        payload.Write(frame.Writer, json);
        frame.Complete(fields);
    }
}
