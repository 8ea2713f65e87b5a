using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A large UTF-8 text as data lines, without the start of the first line and the end of the last.</summary>
internal sealed class Utf8Part(ReadOnlyMemory<byte> utf8) : FramePart(DataLines.LengthOf(utf8.Span))
{
    private ReadOnlyMemory<byte> _rest = utf8;

    public override bool IsDone => _rest.IsEmpty;

    public override void WriteNext(IBufferWriter<byte> output, int most)
    {
        var rest = _rest.Span;
        var next = rest[..DataLines.CountToWrite(rest, most)];
        var buffer = new FrameBuffer(output);
        DataLines.WriteLines(ref buffer, next);
        buffer.Complete();
        _rest = _rest[next.Length..];
    }
}
