using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>An id that an attacker, or a careless caller, gives a message.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Text">It.</param>
/// <param name="HasEscaped">Whether a line of the stream shows that it went out as it is.</param>
internal sealed record HostileId(string Name, string Text, Func<WireLine, bool> HasEscaped)
{
    private const int Safe = 128;

    public static IReadOnlyList<HostileId> All { get; } =
    [
        new("CR forged a line", "1\rdata: forged", line => line.Text == "data: forged"),
        new("LF forged a line", "1\ndata: forged", line => line.Text == "data: forged"),
        new("NUL went out, for which every browser ignores the id", "1\u00002", line => IsId(line) && line.Bytes.Contains((byte)0)),
        new(
            "a control character went out, which not every client can send back",
            "1\u00012",
            line => IsId(line) && line.Bytes.Contains((byte)1)),
        new(
            "letters beyond ASCII went out, which not every client can send back",
            "é€",
            line => IsId(line) && line.Bytes.Any(octet => octet > 0x7E)),
        new(
            "an id of 200 bytes went out, and from 129 on a reconnect may be refused",
            new('1', 200),
            line => IsId(line) && Field.Of(line).Value.Length > Safe),
    ];

    private static bool IsId(WireLine line) => Field.Of(line).Name == "id";
}
