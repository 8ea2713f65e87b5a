using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>What a client sends as its position: a good one, one that is nearly good, or anything.</summary>
/// <param name="Path">The stream that it asks for.</param>
/// <param name="InQuery">Whether the positions are in the query instead of a header.</param>
/// <param name="Values">The values, as they are sent; <c>EPOCH</c> stands for the epoch of the channel <c>feed</c>.</param>
internal sealed partial record HostilePosition(string Path, bool InQuery, string[] Values)
{
    public const string Plain = "/few";

    // Kestrel's defaults.
    private const int LongestLine = 8 * 1024;
    private const int LargestHead = 32 * 1024;

    private static readonly Gen<string> Epoch = Gen.Elements("EPOCH", "EPOCH", "0123456789"[..9], "zzzzzzzzz", "EPOCH0", "épochépoc", "");

    private static readonly Gen<string> Number = Gen.Elements(
        "0", "1", "5", "99", "-1", "+1", "1e3", "007", "99999999999999", "100000000000000", "9223372036854775808", "٣", "½", "",
        new('9', 9_000));

    private static readonly Gen<string> Position = from epoch in Epoch from number in Number select $"{epoch}-{number}";

    private static readonly Gen<string> Merged =
        from positions in Position.ArrayOf() select string.Join(',', positions.Take(7));

    private static readonly Gen<string> Marked = from position in Gen.OneOf(Position, Merged) select position + ".end";

    private static readonly Gen<string> Anything = Gen.OneOf(
        Gen.Elements("", ".end", ".end.end", ",", "%", "%00", "%zz", "%F0%28", "\u00A0", "\uFFFD", "\u202E", "\uD83D\uDE00",
            new('x', 20_000)),
        Gen.Choose(1, 255).Select(code => (char)code).ArrayOf().Select(characters => new string(characters)));

    private static readonly Gen<string> Value = Gen.OneOf(Position, Merged, Marked, Anything);

    /// <summary>Random ones.</summary>
    public static Gen<HostilePosition> Any() =>
        from path in Gen.Elements("/feed", "/feed", "/rooms/new", "/several?channel=feed&channel=idle", Plain)
        from inQuery in Gen.Elements(false, false, true)
        from values in Gen.Frequency((8, Value.ArrayOf(1)), (1, Value.ArrayOf(2)), (1, Value.ArrayOf(9)))
        select new HostilePosition(path, inQuery, values);

    /// <summary>The bytes of the request over HTTP/1.1.</summary>
    public byte[] ToBytes(string epoch)
    {
        var values = Values.Select(value => value.Replace("EPOCH", epoch, StringComparison.Ordinal)).ToArray();
        var query = InQuery ? string.Concat(values.Select(value => $"&lastEventId={Uri.EscapeDataString(WellFormed(value))}")) : "";
        var path = query.Length == 0 || Path.Contains('?') ? Path + query : $"{Path}?{query[1..]}";
        var headers = InQuery ? "" : string.Concat(values.Select(value => $"Last-Event-ID: {value}\r\n"));
        return Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{headers}\r\n");
    }

    /// <summary>The statuses that the documentation has for it.</summary>
    public int[] Expected(string epoch)
    {
        var length = ToBytes(epoch).Length;
        if (InQuery && length > LongestLine) return [414];

        // A line break in a value ends its header, or the head. Kestrel refuses other characters before it knows how long the head is.
        if (!InQuery && !IsPrintable) return [200, 204, 400, 431];
        if (length > LargestHead) return [431];
        if (Values.Length > 1) return [400];
        var value = Values[0].Replace("EPOCH", epoch, StringComparison.Ordinal);
        if (!value.EndsWith(".end", StringComparison.Ordinal)) return [200];

        // A channel that never had a message has been read to its end: that of the room, and "idle" of the several.
        var hasReadAll = Path is Plain or "/rooms/new" || HasReadFeed(value[..^4], epoch);
        return [hasReadAll ? 204 : 200];
    }

    /// <summary>Shows it with its values as JSON, so that a failure shows characters that are not printable.</summary>
    public override string ToString() =>
        $"{Path} {(InQuery ? "query" : "header")} {string.Join(" | ", Values.Select(value => JsonSerializer.Serialize(value)))}";

    private bool IsPrintable => Values.All(value => value.All(character => character is > ' ' and <= '~'));

    private static bool HasReadFeed(string position, string epoch) =>
        Positions().IsMatch(position) && position.Contains(epoch + "-", StringComparison.Ordinal);

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(@"\A[0-9a-hjkmnp-tv-z]{9}-[0-9]{1,14}(,[0-9a-hjkmnp-tv-z]{9}-[0-9]{1,14}){0,4}\z")]
    private static partial Regex Positions();
}
