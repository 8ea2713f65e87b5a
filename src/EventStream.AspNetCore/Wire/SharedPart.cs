using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>Bytes that are encoded, and that many streams may share.</summary>
internal sealed class SharedPart(ReadOnlyMemory<byte> bytes) : FramePart(bytes.Length)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override bool IsDone => _rest.IsEmpty;

    /// <summary>Writes bytes that do not change: a few as a copy, many as a part.</summary>
    /// <returns>How many.</returns>
    public static int Write(IBufferWriter<byte> output, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > PieceSize) return new SharedPart(bytes).WriteTo(output);
        output.Write(bytes.Span);
        return bytes.Length;
    }

    public override void WriteNext(IBufferWriter<byte> output, int most)
    {
        var next = _rest[..Math.Min(_rest.Length, most)];
        output.Write(next.Span);
        _rest = _rest[next.Length..];
    }
}
