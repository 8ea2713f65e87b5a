using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>Message to UTF-8 bytes: pure, synchronous, whole frames only. What throws has written nothing.</summary>
internal static class FrameEncoder
{
    /// <summary>Writes the frame of <paramref name="message"/>; returns how many bytes: 0 if it is empty.</summary>
    public static int Write(IBufferWriter<byte> output, in EventStreamMessage message, JsonSerializerOptions json)
    {
        if (message.IsEmpty) return 0;
        string? data = null;
        if (message.Data.Json is { } payload)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer);
            payload.Write(writer, json);
            writer.Flush();
            data = Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        else if (message.Data.HasValue)
        {
            data = message.Data.ToString();
        }

        return WriteFrame(output, message.Id, message.Event, data, message.RetryMilliseconds, message.Comment);
    }

    /// <summary>Writes a frame that moves the client to <paramref name="id"/> and dispatches nothing; 0 bytes if there is no id.</summary>
    public static int WritePosition(IBufferWriter<byte> output, string? id)
    {
        if (id is null) return 0;
        return WriteFrame(output, id, null, null, 0, null);
    }

    /// <summary>Writes the last frame of a finished stream: <paramref name="message"/> with <paramref name="id"/>, which carries the end mark.</summary>
    public static void WriteEnd(IBufferWriter<byte> output, string id, in EventStreamMessage message, JsonSerializerOptions json)
    {
        output.Write(Encoding.UTF8.GetBytes($"id: {id}\n"));
        Write(output, message, json);
    }

    /// <summary>Writes a frame whose data is <paramref name="value"/>: text for a string, bytes as they are, and JSON for all else.</summary>
    public static int WriteValue<T>(IBufferWriter<byte> output, string? id, string? name, int retryMilliseconds, T value, JsonTypeInfo<T>? json)
    {
        var data = value switch
        {
            string text => text,
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            ReadOnlyMemory<byte> bytes => Encoding.UTF8.GetString(bytes.Span),
            _ => json is null ? null : JsonSerializer.Serialize(value, json),
        };
        return WriteFrame(output, id, name, data, retryMilliseconds, null);
    }

    private static int WriteFrame(IBufferWriter<byte> output, string? id, string? name, string? data, int retry, string? comment)
    {
        var text = new StringBuilder();
        if (comment is not null) foreach (var line in comment.Split('\n')) text.Append(": ").Append(line).Append('\n');
        if (id is not null) text.Append("id: ").Append(id).Append('\n');
        if (!string.IsNullOrEmpty(name) && name != "message") text.Append("event: ").Append(name).Append('\n');
        if (data is not null) foreach (var line in data.ReplaceLineEndings("\n").Split('\n')) text.Append("data: ").Append(line).Append('\n');
        if (retry > 0) text.Append("retry: ").Append(retry).Append('\n');
        if (id is not null || data is not null || name is not null) text.Append('\n');
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        output.Write(bytes);
        return bytes.Length;
    }
}
