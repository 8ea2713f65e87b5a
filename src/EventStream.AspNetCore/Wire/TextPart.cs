using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A large text as data lines, without the start of the first line and the end of the last.</summary>
internal sealed class TextPart(string text) : FramePart(DataLines.LengthOf(text))
{
    private int _next;

    public override bool IsDone => _next == text.Length;

    public override void WriteNext(IBufferWriter<byte> output, int most)
    {
        var rest = text.AsSpan(_next);
        var next = rest[..DataLines.CountToWrite(rest, most)];
        var buffer = new FrameBuffer(output);
        DataLines.WriteLines(ref buffer, next);
        buffer.Complete();
        _next += next.Length;
    }
}
