using System.Text.Json;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Reads the event that announces a gap.</summary>
/// <remarks>Its type is <c>stream-gap</c>. Its data is a JSON object, each member of which may be missing.</remarks>
internal static class GapEvent
{
    private const string Type = "stream-gap";

    /// <summary>The gap that the event announces; null for every other event.</summary>
    public static EventStreamClientGap? Of(EventParser parser)
    {
        if (parser.Type != Type) return null;
        try
        {
            var reader = new Utf8JsonReader(parser.Data);
            using var json = JsonDocument.ParseValue(ref reader);
            return Read(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The data is not such an object, or not valid text, but messages are missing all the same.
            return Read(default);
        }
    }

    private static EventStreamClientGap Read(JsonElement gap) => new(
        Text(gap, "reason") ?? "unspecified",
        Text(gap, "channel"),
        Text(gap, "requested"),
        Text(gap, "oldest"),
        Text(gap, "newest"),
        Number(gap, "lost"));

    private static string? Text(JsonElement gap, string name) =>
        TryGet(gap, name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static long? Number(JsonElement gap, string name) =>
        TryGet(gap, name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number) ? number : null;

    private static bool TryGet(JsonElement gap, string name, out JsonElement member)
    {
        member = default;
        return gap.ValueKind == JsonValueKind.Object && gap.TryGetProperty(name, out member);
    }
}
