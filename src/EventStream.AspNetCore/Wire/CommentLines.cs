namespace EventStream.AspNetCore.Wire;

/// <summary>Writes a comment: each line after a colon, and an empty line as the colon alone.</summary>
internal static class CommentLines
{
    public static void Write(ref FrameBuffer buffer, ReadOnlySpan<char> comment)
    {
        while (true)
        {
            var end = comment.IndexOfAny('\r', '\n');
            var line = end < 0 ? comment : comment[..end];
            buffer.WriteLine(line.IsEmpty ? ":"u8 : ": "u8, line);
            if (end < 0) return;
            comment = comment[end..];
            comment = comment[(comment is ['\r', '\n', ..] ? 2 : 1)..];
        }
    }
}
