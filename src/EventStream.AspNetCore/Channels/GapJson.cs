using System.Buffers;
using System.Text.Json;

namespace EventStream.AspNetCore.Channels;

/// <summary>Writes the data of the event <c>stream-gap</c>.</summary>
internal static class GapJson
{
    private static readonly string[] Reasons = ["evicted", "slow", "restarted", "unknown", "future", "malformed"];

    public static string NameOf(EventStreamGapReason reason) => Reasons[(int)reason];

    public static EventStreamData Of(EventStreamGap gap)
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

        return json.WrittenMemory;
    }
}
