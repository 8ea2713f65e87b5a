namespace EventStream.AspNetCore.Wire;

/// <summary>Data as <c>data</c> lines: one more at each CRLF, CR and LF, and at nothing else (HTML, section 9.2.5).</summary>
/// <remarks>Room and length are locals, which the compiler keeps in registers: with many short lines that is a quarter of the time (TextFrames and BytesFrames of the benchmarks).</remarks>
internal static class DataLines
{
    // The longest thing that is written at once, the start of the next line, and one byte of it.
    private const int Least = 8;

    public static void Write(ref FrameBuffer buffer, ReadOnlySpan<char> text)
    {
        var room = buffer.Room(Least);
        "data: "u8.CopyTo(room);
        var length = "data: "u8.Length;
        while (true)
        {
            var copied = LineCopy.Ascii(text, room[length..]);
            length += copied;
            text = text[copied..];
            if (text.IsEmpty) break;
            if (room.Length - length < Least)
            {
                buffer.Advance(length);
                room = buffer.Room(Least);
                length = 0;
            }

            if (text[0] is '\r' or '\n')
            {
                text = text[(text is ['\r', '\n', ..] ? 2 : 1)..];
                "\ndata: "u8.CopyTo(room[length..]);
                length += "\ndata: "u8.Length;
            }
            else if (!char.IsAscii(text[0]))
            {
                var end = text.IndexOfAny('\r', '\n');
                if (end < 0) end = text.Length;
                buffer.Advance(length);
                buffer.WriteText(text[..end]);
                text = text[end..];
                room = buffer.Room(Least);
                length = 0;
            }
        }

        buffer.Advance(length);
        buffer.Write("\n"u8);
    }

    public static void Write(ref FrameBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        var room = buffer.Room(Least);
        "data: "u8.CopyTo(room);
        var length = "data: "u8.Length;
        while (true)
        {
            var copied = LineCopy.Bytes(utf8, room[length..]);
            length += copied;
            utf8 = utf8[copied..];
            if (utf8.IsEmpty) break;
            if (room.Length - length < Least)
            {
                buffer.Advance(length);
                room = buffer.Room(Least);
                length = 0;
            }

            if (utf8[0] is (byte)'\r' or (byte)'\n')
            {
                utf8 = utf8[(utf8 is [(byte)'\r', (byte)'\n', ..] ? 2 : 1)..];
                "\ndata: "u8.CopyTo(room[length..]);
                length += "\ndata: "u8.Length;
            }
        }

        buffer.Advance(length);
        buffer.Write("\n"u8);
    }
}
