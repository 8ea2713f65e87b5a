namespace EventStream.AspNetCore.Wire;

/// <summary>Data as <c>data</c> lines: one more at each CRLF, CR and LF, and at nothing else (HTML, section 9.2.5).</summary>
internal static class DataLines
{
    public static void Write(ref FrameBuffer buffer, ReadOnlySpan<char> text)
    {
        buffer.Write("data: "u8);
        while (!text.IsEmpty)
        {
            var copied = LineCopy.Ascii(text, buffer.Room(1));
            buffer.Advance(copied);
            text = text[copied..];
            if (text.IsEmpty) break;
            if (text[0] is '\r' or '\n')
            {
                text = text[(text is ['\r', '\n', ..] ? 2 : 1)..];
                buffer.Write("\ndata: "u8);
            }
            else if (!char.IsAscii(text[0]))
            {
                var end = text.IndexOfAny('\r', '\n');
                if (end < 0) end = text.Length;
                buffer.WriteText(text[..end]);
                text = text[end..];
            }
        }

        buffer.Write("\n"u8);
    }

    public static void Write(ref FrameBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        buffer.Write("data: "u8);
        while (!utf8.IsEmpty)
        {
            var copied = LineCopy.Bytes(utf8, buffer.Room(1));
            buffer.Advance(copied);
            utf8 = utf8[copied..];
            if (utf8.IsEmpty) break;
            if (utf8[0] is (byte)'\r' or (byte)'\n')
            {
                utf8 = utf8[(utf8 is [(byte)'\r', (byte)'\n', ..] ? 2 : 1)..];
                buffer.Write("\ndata: "u8);
            }
        }

        buffer.Write("\n"u8);
    }
}
