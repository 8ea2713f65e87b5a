using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Unicode;

namespace EventStream.AspNetCore.Wire;

/// <summary>The free memory of an output, which one frame fills span by span.</summary>
/// <remarks>
/// Advances the output when a span is full, so nothing that may throw is to be called between the first write and <see cref="Complete"/>.
/// </remarks>
internal ref struct FrameBuffer(IBufferWriter<byte> output)
{
    // Small, so that the rest of a block that other frames have begun is used up.
    private const int FirstSize = 64;

    // Fits into a block of Kestrel's memory pool (4 KB) together with the frame of an HTTP chunk.
    private const int NextSize = 2048;

    private Span<byte> _span = output.GetSpan(FirstSize);
    private int _length;
    private int _handed;

    /// <summary>Memory to write into: at least <paramref name="size"/> bytes, which is at most <see cref="FirstSize"/>.</summary>
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

    /// <summary>Writes a line: <paramref name="start"/> of a few bytes, and text without line breaks.</summary>
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
            // Four bytes is the longest character.
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

    /// <summary>Hands the rest of the frame to the output, and returns how many bytes the frame has.</summary>
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
