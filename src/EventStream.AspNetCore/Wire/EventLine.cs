using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>Finds and writes the line with a frame's event name.</summary>
internal static class EventLine
{
    /// <summary>Finds the line in an encoded frame without an id, after the comments; empty if the frame has none.</summary>
    public static Range Find(ReadOnlySpan<byte> frame)
    {
        var start = 0;
        while (start < frame.Length && frame[start] == (byte)':') start = NextLine(frame, start);
        return start..(frame[start..].StartsWith("event: "u8) ? NextLine(frame, start) : start);
    }

    /// <summary>Writes the line, and returns the number of bytes: 0 for the default event.</summary>
    public static int Write(IBufferWriter<byte> output, string? name)
    {
        if (EventFields.IsDefaultEvent(name)) return 0;
        var buffer = new FrameBuffer(output);
        buffer.WriteLine("event: "u8, name);
        return buffer.Complete();
    }

    // Ends also without a line feed, because a log may return an incomplete frame, and the loop of Find must not run endlessly.
    private static int NextLine(ReadOnlySpan<byte> frame, int start)
    {
        var length = frame[start..].IndexOf((byte)'\n');
        return length < 0 ? frame.Length : start + length + 1;
    }
}
