using System.Buffers;
using System.Text.Json;

namespace EventStream.AspNetCore.Wire;

/// <summary>A frame whose data is being serialised.</summary>
/// <remarks>It is written to the output when it is complete, so a serialiser that throws midway has written nothing.</remarks>
internal sealed class JsonFrame : IDisposable
{
    // One for each thread, and null while in use, because a converter may write another frame meanwhile.
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

    /// <summary>The writer for the data.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>Begins a frame whose data is serialised with <paramref name="json"/>. The caller must dispose of it.</summary>
    public static JsonFrame Open(IBufferWriter<byte> output, in FrameFields fields, JsonSerializerOptions json)
    {
        // A frame is reused only with read-only options, because others could still change. Options become read-only at their first use.
        var frame = _free is { } free && ReferenceEquals(free._json, json) && json.IsReadOnly ? free : new JsonFrame(json);
        _free = null;
        frame.Begin(output, fields);
        return frame;
    }

    /// <summary>Ends the frame, writes it to the output, and returns its number of bytes.</summary>
    public int Complete(in FrameFields fields)
    {
        if (Writer.BytesPending > 0) Writer.Flush();

        // WriteIndented or a converter's raw value may write line breaks between tokens. Inside a string they are escaped.
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

    /// <summary>Drops a frame that is not completed, and makes the object available for the next.</summary>
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
