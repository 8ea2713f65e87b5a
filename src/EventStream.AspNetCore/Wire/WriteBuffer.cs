using System.Buffers;
using System.Buffers.Text;

namespace EventStream.AspNetCore.Wire;

/// <summary>The buffer into which a stream's frames are encoded, before the server gets them in one call.</summary>
/// <remarks>
/// A server's pipe takes a lock for each <c>GetSpan</c>, each <c>Advance</c> and each flush. The buffer takes none, and makes one call
/// instead of all three (`compare single`: 1.10 to 0.96 of the built-in). Each thread caches one. A stream has one only while it writes,
/// so idle streams have none.
/// </remarks>
internal sealed class WriteBuffer : IBufferWriter<byte>
{
    // More than the bytes that are written before a flush (16 KB), so that most writes never grow it.
    private const int InitialSize = 32 * 1024;

    // Before the content: the chunk's length, at most eight digits, and a line break. After it: a line break.
    private const int ChunkStart = 8 + 2;
    private const int ChunkEnd = 2;

    [ThreadStatic]
    private static WriteBuffer? _cached;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialSize);

    // The parts that are not copied, each with the number of copied bytes before it; null until the first one.
    private List<(int At, FramePart Part)>? _parts;
    private int _partsLength;

    private WriteBuffer()
    {
    }

    private int Room => _bytes.Length - ChunkStart - ChunkEnd - Length;

    /// <summary>The number of copied bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The number of all bytes, copied or in parts.</summary>
    public int Size => checked(Length + _partsLength);

    /// <summary>The copied bytes. They are all bytes unless the content <see cref="LeavesInPieces"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(ChunkStart, Length);

    /// <summary>Whether the content is too large for one write. Then use <see cref="MoveTo"/>.</summary>
    public bool LeavesInPieces => _partsLength > 0 || Length > FrameArrays.LargestPooled;

    /// <summary>Gets the copied bytes as a chunk of a response over HTTP/1.1.</summary>
    /// <remarks>RFC 9112, section 7.1.</remarks>
    public ReadOnlySpan<byte> AsChunk()
    {
        Span<byte> digits = stackalloc byte[ChunkStart - 2];
        Utf8Formatter.TryFormat((uint)Length, digits, out var count, 'x');
        var start = ChunkStart - 2 - count;
        digits[..count].CopyTo(_bytes.AsSpan(start));
        "\r\n"u8.CopyTo(_bytes.AsSpan(ChunkStart - 2));
        "\r\n"u8.CopyTo(_bytes.AsSpan(ChunkStart + Length));
        return _bytes.AsSpan(start..(ChunkStart + Length + ChunkEnd));
    }

    public static WriteBuffer Rent()
    {
        var buffer = _cached ?? new WriteBuffer();
        _cached = null;
        return buffer;
    }

    /// <summary>Returns the buffer to its cache. Its bytes must not be used any more.</summary>
    public void Return()
    {
        Clear();
        _cached = this;
    }

    public void Clear()
    {
        Length = _partsLength = 0;
        _parts?.Clear();
        if (_bytes.Length > FrameArrays.LargestPooled) _bytes = ArrayPool<byte>.Shared.Rent(InitialSize);
    }

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (Room < Math.Max(sizeHint, 1)) Grow(sizeHint);
        return _bytes.AsSpan(ChunkStart + Length, Room);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (Room < Math.Max(sizeHint, 1)) Grow(sizeHint);
        return _bytes.AsMemory(ChunkStart + Length, Room);
    }

    /// <summary>Adds a part without copying it, after everything written so far.</summary>
    public void Add(FramePart part)
    {
        _partsLength = checked(_partsLength + part.Length);
        (_parts ??= []).Add((Length, part));
    }

    /// <summary>Moves the content to <paramref name="parts"/>, so that the buffer can hold one piece of it at a time.</summary>
    public void MoveTo(FrameParts parts)
    {
        ReadOnlyMemory<byte> copied = _bytes.Length > FrameArrays.LargestPooled ? Written : Written.ToArray();
        var next = 0;
        foreach (var (at, part) in _parts ?? [])
        {
            if (at > next) parts.Add(new SharedPart(copied[next..at]));
            parts.Add(part);
            next = at;
        }

        if (next < copied.Length) parts.Add(new SharedPart(copied[next..]));
        Clear();
    }

    private void Grow(int sizeHint)
    {
        var least = checked(Length + sizeHint + ChunkStart + ChunkEnd);
        var larger = FrameArrays.Rent(Math.Max(least, (int)Math.Min(2L * Length, Array.MaxLength)));
        Written.Span.CopyTo(larger.AsSpan(ChunkStart));
        FrameArrays.Return(_bytes);
        _bytes = larger;
    }
}
