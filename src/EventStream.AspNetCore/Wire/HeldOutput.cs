using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>
/// Holds a frame back until it is whole: in the output's own memory, without advancing it, and in pooled memory once the frame outgrows that.
/// </summary>
internal sealed class HeldOutput : IBufferWriter<byte>
{
    // A record of a few hundred bytes fits, and yet the rest of a block of Kestrel's (4 KB) is not given up for little.
    private const int FirstSize = 512;

    private IBufferWriter<byte>? _output;
    private byte[]? _pooled;
    private Memory<byte> _memory;

    /// <summary>How many bytes are held.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _memory.Span[..Length];

    public void Open(IBufferWriter<byte> output)
    {
        _output = output;
        _memory = output.GetMemory(FirstSize);
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_memory.Length - Length < Math.Max(sizeHint, 1)) Grow(sizeHint);
        return _memory[Length..];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Length += bytes.Length;
    }

    /// <summary>Takes back what was written after the first <paramref name="length"/> bytes.</summary>
    public void Rewind(int length) => Length = length;

    /// <summary>Hands the frame to the output.</summary>
    public void Commit()
    {
        if (_pooled is null) _output!.Advance(Length);
        else _output!.Write(Written);
    }

    /// <summary>Forgets the output, and what was not committed.</summary>
    public void Close()
    {
        if (_pooled is not null) ArrayPool<byte>.Shared.Return(_pooled);
        _pooled = null;
        _output = null;
        _memory = default;
        Length = 0;
    }

    private void Grow(int sizeHint)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Length + Math.Max(Math.Max(sizeHint, Length), FirstSize)));
        Written.CopyTo(larger);
        if (_pooled is not null) ArrayPool<byte>.Shared.Return(_pooled);
        _memory = _pooled = larger;
    }
}
