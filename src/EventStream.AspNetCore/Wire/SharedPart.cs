using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A part of encoded bytes, which many streams may share.</summary>
internal sealed class SharedPart(ReadOnlyMemory<byte> bytes) : FramePart(bytes.Length)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override bool IsDone => _rest.IsEmpty;

    /// <summary>Writes bytes that do not change: few as a copy, many as a part.</summary>
    /// <returns>The number of bytes.</returns>
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
