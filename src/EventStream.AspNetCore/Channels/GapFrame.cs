using System.Buffers;
using System.Text.Json;

namespace EventStream.AspNetCore.Channels;

/// <summary>The event that tells a client of a gap.</summary>
internal static class GapFrame
{
    private static readonly string[] Reasons = ["evicted", "slow", "restarted", "unknown", "future", "malformed", "forged"];

    public static string NameOf(EventStreamGapReason reason) => Reasons[(int)reason];

    /// <summary>Writes the frame without its id line, and returns how many bytes.</summary>
    public static int WriteBody(IBufferWriter<byte> output, EventStreamGap gap)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("channel"u8, gap.Channel);
            writer.WriteString("reason"u8, NameOf(gap.Reason));
            writer.WriteString("requested"u8, gap.Requested);
            writer.WriteString("oldest"u8, gap.Oldest?.ToString());
            writer.WriteString("newest"u8, gap.Newest.ToString());
            if (gap.Lost is { } lost) writer.WriteNumber("lost"u8, lost);
            else writer.WriteNull("lost"u8);
            writer.WriteEndObject();
        }

        output.Write("event: stream-gap\ndata: "u8);
        output.Write(json.WrittenSpan);
        output.Write("\n\n"u8);
        return "event: stream-gap\ndata: \n\n"u8.Length + json.WrittenCount;
    }
}
