namespace EventStream.Conformance.Wire;

/// <summary>A line as a field (WHATWG HTML, 9.2.6).</summary>
/// <param name="Name">Empty for a comment.</param>
/// <param name="Value">Without the one space that may stand before it.</param>
internal sealed record Field(string Name, string Value)
{
    public static Field Of(WireLine line)
    {
        var text = line.Text;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return new(text, "");
        var value = text[(colon + 1)..];
        return new(text[..colon], value.StartsWith(' ') ? value[1..] : value);
    }
}
