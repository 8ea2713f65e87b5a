using System.Text;

namespace EventStream.AspNetCore.Wire;

/// <summary>Reads the data back from an encoded frame.</summary>
internal static class FrameData
{
    private const byte LineFeed = (byte)'\n';

    /// <summary>Gets the data of a frame, as UTF-8; null if it has none.</summary>
    /// <param name="frame">A frame of <see cref="FrameEncoder"/>.</param>
    /// <returns>A slice of the frame if the data is one line. For several lines, a copy with LF between them.</returns>
    public static ReadOnlyMemory<byte>? Of(ReadOnlyMemory<byte> frame)
    {
        ReadOnlyMemory<byte>? first = null;
        var (count, length) = (0, 0);
        for (var rest = frame; TryReadLine(ref rest, out var line);)
        {
            if (!line.Span.StartsWith(DataLines.Start)) continue;
            var text = line[DataLines.Start.Length..];
            first ??= text;
            length += text.Length + 1;
            count++;
        }

        return count > 1 ? Joined(frame, length - 1) : first;
    }

    /// <summary>Gets the data of a frame as text; null if it has none.</summary>
    public static string? TextOf(ReadOnlyMemory<byte> frame) => Of(frame) is { } data ? Encoding.UTF8.GetString(data.Span) : null;

    private static byte[] Joined(ReadOnlyMemory<byte> frame, int length)
    {
        var data = new byte[length];
        var next = 0;
        while (TryReadLine(ref frame, out var line))
        {
            if (!line.Span.StartsWith(DataLines.Start)) continue;
            if (next > 0) data[next - 1] = LineFeed;
            line.Span[DataLines.Start.Length..].CopyTo(data.AsSpan(next));
            next += line.Length - DataLines.Start.Length + 1;
        }

        return data;
    }

    private static bool TryReadLine(ref ReadOnlyMemory<byte> frame, out ReadOnlyMemory<byte> line)
    {
        line = default;
        var end = frame.Span.IndexOf(LineFeed);
        if (end < 0) return false;
        line = frame[..end];
        frame = frame[(end + 1)..];
        return true;
    }
}
