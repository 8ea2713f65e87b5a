using System.Text.RegularExpressions;

namespace EventStream.AspNetCore.Channels;

/// <summary>A pattern such as <c>orders/{id}</c>, and the names that match it.</summary>
internal sealed partial class ChannelPattern
{
    /// <summary>The first character of the names of the library's own channels.</summary>
    public const char Reserved = '$';

    private const int MaxNameLength = 256;

    private readonly Regex _names;

    public ChannelPattern(string pattern)
    {
        var names = @"\A" + string.Join("[^/]+", Parts(pattern)) + @"\z";
        _names = new Regex(names, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    public static bool IsPattern(string name) => name.Contains('{', StringComparison.Ordinal);

    public static void Check(string name)
    {
        CheckName(name);
        if (Placeholder().Replace(name, "").AsSpan().ContainsAny('{', '}'))
        {
            throw new ArgumentException(
                $"The channel's name '{name}' has a brace outside of a placeholder. Write a word in braces, such as orders/{{id}}.",
                nameof(name));
        }
    }

    public static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"The channel's name '{name}' is not valid. A name has at most {MaxNameLength} characters, has no control character, "
                + $"and does not begin with '{Reserved}'.",
                nameof(name));
        }
    }

    public bool Matches(string name) => IsName(name) && _names.IsMatch(name);

    /// <summary>Whether two patterns match the same names; the words in their braces may differ.</summary>
    public static bool AreAlike(string pattern, string other) => Placeholder().Replace(pattern, "{}") == Placeholder().Replace(other, "{}");

    /// <summary>Gets the name of a pattern with values for its placeholders.</summary>
    public static string Fill(string pattern, Func<string, string> valueOf) =>
        Placeholder().Replace(pattern, match => valueOf(match.Groups[1].Value));

    private static bool IsName(string name) => name.Length <= MaxNameLength && !name.StartsWith(Reserved) && !name.Any(char.IsControl);

    // The text between the placeholders.
    private static IEnumerable<string> Parts(string pattern)
    {
        var at = 0;
        foreach (Match placeholder in Placeholder().Matches(pattern))
        {
            yield return Regex.Escape(pattern[at..placeholder.Index]);
            at = placeholder.Index + placeholder.Length;
        }

        yield return Regex.Escape(pattern[at..]);
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
