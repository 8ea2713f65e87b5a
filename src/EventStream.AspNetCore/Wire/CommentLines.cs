namespace EventStream.AspNetCore.Wire;

/// <summary>A comment, each line of it as a line that begins with a colon; an empty line is the colon alone.</summary>
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
