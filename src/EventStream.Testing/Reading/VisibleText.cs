using System.Text;

namespace EventStream.Testing.Reading;

/// <summary>Makes control characters visible, each by its Unicode symbol: ␍, ␊, ␀.</summary>
internal static class VisibleText
{
    private const int MostOfALine = 200;
    private const char PictureOfNul = '\u2400';
    private const char Delete = '\u007F';
    private const char PictureOfDelete = '\u2421';

    public static string Of(ReadOnlySpan<char> text)
    {
        var rest = Math.Max(0, text.Length - MostOfALine);
        var visible = new StringBuilder();
        foreach (var character in text[..(text.Length - rest)])
        {
            visible.Append(character < ' ' ? (char)(PictureOfNul + character) : character == Delete ? PictureOfDelete : character);
        }

        return rest == 0 ? visible.ToString() : $"{visible}… and {rest} characters more";
    }
}
