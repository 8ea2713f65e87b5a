using System.Buffers;
using System.Text.Json;

namespace EventStream.AspNetCore.Wire;

/// <summary>A frame whose data is being serialised. It reaches the output when it is completed, so a serialiser that throws half way has written nothing.</summary>
internal sealed class JsonFrame : IDisposable
{
    // Owned by its thread, and taken out while in use: a converter may write a frame of its own.
    [ThreadStatic]
    private static JsonFrame? _free;

    private readonly HeldOutput _held = new();
    private readonly JsonSerializerOptions _json;
    private int _dataStart;

    private JsonFrame(JsonSerializerOptions json)
    {
        _json = json;
        Writer = new Utf8JsonWriter(_held, json.ToWriterOptions());
    }

    /// <summary>Where the data is to be written.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>Begins a frame, for data to be serialised by <paramref name="json"/>. Dispose of it in any case.</summary>
    public static JsonFrame Open(IBufferWriter<byte> output, in FrameFields fields, JsonSerializerOptions json)
    {
        // Options that have served a serialiser cannot change any more.
        var frame = _free is { } free && ReferenceEquals(free._json, json) && json.IsReadOnly ? free : new JsonFrame(json);
        _free = null;
        frame.Begin(output, fields);
        return frame;
    }

    /// <summary>Ends the frame, hands it to the output, and returns how many bytes it has.</summary>
    public int Complete(in FrameFields fields)
    {
        if (Writer.BytesPending > 0) Writer.Flush();
        if (_held.Written[_dataStart..].IndexOfAny((byte)'\r', (byte)'\n') >= 0)
        {
            SplitLines(fields);
        }
        else if (fields.Retry == 0)
        {
            _held.Write("\n\n"u8);
        }
        else
        {
            var buffer = new FrameBuffer(_held);
            buffer.Write("\n"u8);
            fields.WriteTail(ref buffer, hasData: true);
            buffer.Complete();
        }

        _held.Commit();
        return _held.Length;
    }

    /// <summary>Drops what is not completed.</summary>
    public void Dispose()
    {
        Writer.Reset();
        _held.Close();
        _free = this;
    }

    private void Begin(IBufferWriter<byte> output, in FrameFields fields)
    {
        _held.Open(output);
        if (!fields.IsEmpty)
        {
            var buffer = new FrameBuffer(_held);
            fields.WriteHead(ref buffer);
            buffer.Complete();
        }

        _held.Write("data: "u8);
        _dataStart = _held.Length;
    }

    // Line breaks between tokens come from WriteIndented or a converter's raw value; inside a string they are escaped.
    private void SplitLines(in FrameFields fields)
    {
        var json = _held.Written[_dataStart..];
        var copy = ArrayPool<byte>.Shared.Rent(json.Length);
        json.CopyTo(copy);
        json = copy.AsSpan(0, json.Length);

        _held.Rewind(_dataStart - "data: "u8.Length);
        var buffer = new FrameBuffer(_held);
        DataLines.Write(ref buffer, json);
        fields.WriteTail(ref buffer, hasData: true);
        buffer.Complete();
        ArrayPool<byte>.Shared.Return(copy);
    }
}
