using System.Text;

namespace EventStream.Conformance.Wire;

/// <summary>Text from a server, made safe for a terminal and short enough for a line.</summary>
internal static class Printable
{
    private const int Longest = 80;

    public static string Of(string text) => Of(text, Longest);

    /// <summary>The same for a place with more room.</summary>
    public static string UpTo(int longest, string text) => Of(text, longest);

    private static string Of(string text, int longest)
    {
        var safe = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (safe.Length >= longest) return safe.Append('…').ToString();
            if (Rune.IsControl(rune)) safe.Append($"<{rune.Value:X2}>");
            else safe.Append(rune);
        }

        return safe.ToString();
    }
}
