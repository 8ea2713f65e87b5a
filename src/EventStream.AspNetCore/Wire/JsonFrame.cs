using System.Buffers;
using System.Text.Json;

namespace EventStream.AspNetCore.Wire;

/// <summary>
/// A frame whose data is being serialised. It reaches the output when it is completed, so a serialiser that throws half way has written
/// nothing.
/// </summary>
internal sealed class JsonFrame : IDisposable
{
    // Owned by its thread, and taken out while in use: a converter may write a frame of its own.
    [ThreadStatic]
    private static JsonFrame? _free;

    private readonly HeldOutput _held = new();
    private readonly JsonSerializerOptions _json;
    private IBufferWriter<byte>? _output;
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

        // Line breaks between tokens come from WriteIndented or a converter's raw value; inside a string they are escaped.
        if (_held.HasLineBreakAfter(_dataStart)) return FrameEncoder.WriteBytes(_output!, fields, _held.CopyAfter(_dataStart));
        if (fields.Retry == 0)
        {
            _held.Write("\n\n"u8);
        }
        else
        {
            var buffer = new FrameBuffer(_held);
            buffer.Write(DataLines.End);
            fields.WriteTail(ref buffer, hasData: true);
            buffer.Complete();
        }

        return _held.Commit();
    }

    /// <summary>Drops what is not completed.</summary>
    public void Dispose()
    {
        Writer.Reset();
        _held.Close();
        _output = null;
        _free = this;
    }

    private void Begin(IBufferWriter<byte> output, in FrameFields fields)
    {
        _output = output;
        _held.Open(output);
        if (!fields.IsEmpty)
        {
            var buffer = new FrameBuffer(_held);
            fields.WriteHead(ref buffer);
            buffer.Complete();
        }

        _held.Write(DataLines.Start);
        _dataStart = _held.Length;
    }
}
