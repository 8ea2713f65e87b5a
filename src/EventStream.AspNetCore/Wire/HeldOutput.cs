using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>Buffers a frame until it is complete.</summary>
/// <remarks>
/// A small frame is in the output's own memory, which is not advanced until then. A medium frame is in a pooled array, and a large one in
/// blocks.
/// </remarks>
internal sealed class HeldOutput : IBufferWriter<byte>
{
    // Enough for a message of a few hundred bytes, and small enough to use most of the rest of a block of Kestrel's (4 KB).
    private const int FirstSize = 512;

    // Smaller than a large object, so that a block is collected soon after it was sent.
    private const int BlockSize = 64 * 1024;

    private readonly List<ReadOnlyMemory<byte>> _blocks = [];
    private IBufferWriter<byte>? _output;
    private byte[]? _rented;

    // The current memory, after the full blocks.
    private Memory<byte> _memory;
    private int _used;

    /// <summary>The number of buffered bytes.</summary>
    public int Length { get; private set; }

    public void Open(IBufferWriter<byte> output)
    {
        _output = output;
        _memory = output.GetMemory(FirstSize);
    }

    public void Advance(int count)
    {
        _used += count;
        Length = checked(Length + count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_memory.Length - _used < Math.Max(sizeHint, 1)) Grow(sizeHint);
        return _memory[_used..];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>Whether there is a CR or an LF after the first <paramref name="start"/> bytes.</summary>
    public bool HasLineBreakAfter(int start)
    {
        foreach (var block in _blocks)
        {
            if (HasLineBreak(block.Span, ref start)) return true;
        }

        return HasLineBreak(_memory.Span[.._used], ref start);
    }

    /// <summary>Copies the bytes after the first <paramref name="start"/>.</summary>
    public byte[] CopyAfter(int start)
    {
        var copy = GC.AllocateUninitializedArray<byte>(Length - start);
        var length = 0;
        foreach (var block in _blocks) Copy(block.Span, ref start);
        Copy(_memory.Span[.._used], ref start);
        return copy;

        void Copy(ReadOnlySpan<byte> block, ref int skip)
        {
            var skipped = Math.Min(skip, block.Length);
            skip -= skipped;
            block[skipped..].CopyTo(copy.AsSpan(length));
            length += block.Length - skipped;
        }
    }

    /// <summary>Writes the frame to the output, and returns its number of bytes.</summary>
    public int Commit()
    {
        if (_blocks.Count > 0)
        {
            EndBlock();
            foreach (var block in _blocks) SharedPart.Write(_output!, block);
        }
        else if (_rented is null)
        {
            _output!.Advance(Length);
        }
        else
        {
            _output!.Write(_memory.Span[.._used]);
        }

        return Length;
    }

    /// <summary>Detaches from the output, and drops the bytes that were not committed.</summary>
    public void Close()
    {
        ReturnRented();
        _blocks.Clear();
        _output = null;
        _memory = default;
        Length = _used = 0;
    }

    private static bool HasLineBreak(ReadOnlySpan<byte> block, ref int skip)
    {
        var skipped = Math.Min(skip, block.Length);
        skip -= skipped;
        return block[skipped..].IndexOfAny((byte)'\r', (byte)'\n') >= 0;
    }

    private void Grow(int sizeHint)
    {
        var size = (long)Length + Math.Max(Math.Max(sizeHint, Length), FirstSize);
        if (_blocks.Count > 0 || size > FrameArrays.LargestPooled)
        {
            EndBlock();
            _memory = GC.AllocateUninitializedArray<byte>(Math.Max(sizeHint, BlockSize));
            _used = 0;
            return;
        }

        var larger = FrameArrays.Rent((int)size);
        _memory.Span[.._used].CopyTo(larger);
        ReturnRented();
        _memory = _rented = larger;
    }

    // Copies the memory if it is the output's or the pool's, because they reuse it, or if half of it is empty.
    private void EndBlock()
    {
        var isOwn = _blocks.Count > 0 && _used > _memory.Length / 2;
        _blocks.Add(isOwn ? _memory[.._used] : _memory[.._used].ToArray());
        ReturnRented();
    }

    private void ReturnRented()
    {
        if (_rented is not null) FrameArrays.Return(_rented);
        _rented = null;
    }
}
