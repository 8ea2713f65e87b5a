using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>The line of a frame that has the name of its event.</summary>
internal static class EventLine
{
    /// <summary>Where the line is in an encoded frame without an id: after the comments. Empty where the frame has none.</summary>
    public static Range Find(ReadOnlySpan<byte> frame)
    {
        var start = 0;
        while (start < frame.Length && frame[start] == (byte)':') start = NextLine(frame, start);
        return start..(frame[start..].StartsWith("event: "u8) ? NextLine(frame, start) : start);
    }

    /// <summary>Writes the line, and returns how many bytes: 0 for the default event.</summary>
    public static int Write(IBufferWriter<byte> output, string? name)
    {
        if (EventFields.IsDefaultEvent(name)) return 0;
        var buffer = new FrameBuffer(output);
        buffer.WriteLine("event: "u8, name);
        return buffer.Complete();
    }

    // A log that returns half a frame must not keep the loop here.
    private static int NextLine(ReadOnlySpan<byte> frame, int start)
    {
        var length = frame[start..].IndexOf((byte)'\n');
        return length < 0 ? frame.Length : start + length + 1;
    }
}
