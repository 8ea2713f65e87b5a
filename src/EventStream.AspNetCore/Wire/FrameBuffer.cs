using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Unicode;

namespace EventStream.AspNetCore.Wire;

/// <summary>Writes one frame to an output, span by span.</summary>
/// <remarks>
/// It advances the output when a span is full. So call nothing that may throw between the first write and <see cref="Complete"/>, or the
/// output would get a part of a frame.
/// </remarks>
internal ref struct FrameBuffer(IBufferWriter<byte> output)
{
    // Small, so that the rest of a block that has earlier frames is used.
    private const int FirstSize = 64;

    // Fits into a block of Kestrel's memory pool (4 KB) together with the frame of an HTTP chunk.
    private const int NextSize = 2048;

    private Span<byte> _span = output.GetSpan(FirstSize);
    private int _length;
    private int _handed;

    /// <summary>Gets memory of at least <paramref name="size"/> bytes, which is at most <see cref="FirstSize"/>.</summary>
    public Span<byte> Room(int size)
    {
        if (_span.Length - _length < size) Renew();
        return _span[_length..];
    }

    public void Advance(int count) => _length += count;

    /// <summary>Writes a few bytes, at most <see cref="FirstSize"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes a line: a short <paramref name="start"/>, and text without line breaks.</summary>
    public void WriteLine(ReadOnlySpan<byte> start, ReadOnlySpan<char> text)
    {
        Debug.Assert(!text.ContainsAny('\r', '\n'));
        var room = Room(start.Length);
        start.CopyTo(room);
        var copied = LineCopy.Ascii(text, room[start.Length..]);
        var length = start.Length + copied;
        if (copied == text.Length && length < room.Length)
        {
            room[length] = (byte)'\n';
            _length += length + 1;
            return;
        }

        _length += length;
        WriteText(text[copied..]);
        Write("\n"u8);
    }

    /// <summary>Writes text without line breaks.</summary>
    public void WriteText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            // The longest character has four bytes.
            Utf8.FromUtf16(text, Room(4), out var read, out var written);
            _length += written;
            text = text[read..];
        }
    }

    public void WriteNumber(int number)
    {
        Utf8Formatter.TryFormat(number, Room(11), out var written);
        _length += written;
    }

    /// <summary>Advances the output by the rest of the frame, and returns the frame's number of bytes.</summary>
    public readonly int Complete()
    {
        output.Advance(_length);
        return _handed + _length;
    }

    private void Renew()
    {
        output.Advance(_length);
        _handed += _length;
        _span = output.GetSpan(NextSize);
        _length = 0;
    }
}
