using System.Text.RegularExpressions;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>A Markdown page as GitHub shows it: its blocks of code, the addresses of its links, and the anchors of its headings.</summary>
internal sealed partial class MarkdownPage
{
    private readonly List<MarkdownBlock> _blocks = [];
    private readonly HashSet<string> _anchors = [];
    private readonly string _prose;

    public MarkdownPage(string text)
    {
        var prose = string.Join('\n', TakeBlocks(text.ReplaceLineEndings("\n").Split('\n')));
        foreach (Match heading in Heading().Matches(prose)) AddAnchor(Slug(heading.Groups[1].Value));
        foreach (Match element in NamedElement().Matches(prose)) _anchors.Add(element.Groups[1].Value);
        _prose = CodeSpan().Replace(prose, "");
    }

    /// <summary>The fenced blocks, in their order.</summary>
    public IReadOnlyList<MarkdownBlock> Blocks => _blocks;

    /// <summary>The names that a link to this page may have after <c>#</c>.</summary>
    public IReadOnlySet<string> Anchors => _anchors;

    /// <summary>The addresses of links and pictures.</summary>
    public IEnumerable<string> Links => new[] { InlineLink(), LinkDefinition(), HtmlLink() }
        .SelectMany(link => link.Matches(_prose))
        .Select(match => match.Groups[1].Value);

    /// <summary>The anchor that GitHub gives a heading: lower case, without punctuation, a hyphen for each space.</summary>
    private static string Slug(string heading)
    {
        var shown = HtmlTag().Replace(ShownLink().Replace(heading, "$1"), "").Trim();
        return NotInSlug().Replace(shown.ToLowerInvariant(), "").Replace(' ', '-');
    }

    /// <summary>Keeps the blocks, and returns the lines around them.</summary>
    private List<string> TakeBlocks(IEnumerable<string> lines)
    {
        List<string> around = [];
        Fence? fence = null;
        var (number, before) = (0, "");
        foreach (var line in lines)
        {
            number++;
            if (fence is null)
            {
                fence = Fence.Open(line, number, before);
                if (fence is null) around.Add(line);
            }
            else if (fence.IsClosedBy(line))
            {
                _blocks.Add(fence.ToBlock());
                fence = null;
            }
            else
            {
                fence.Add(line);
            }

            before = line;
        }

        return around;
    }

    // A heading that is there twice gets a number.
    private void AddAnchor(string slug)
    {
        var anchor = slug;
        for (var number = 1; !_anchors.Add(anchor); number++) anchor = $"{slug}-{number}";
    }

    [GeneratedRegex(@"^ {0,3}#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(`+)(?!`).+?(?<!`)\1(?!`)", RegexOptions.Singleline)]
    private static partial Regex CodeSpan();

    // The text may hold a picture, which has its own brackets.
    [GeneratedRegex(@"\]\(\s*<?([^\s<>)]+)>?(?:\s+""[^""]*"")?\s*\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^ {0,3}\[[^\]]+\]:\s*<?([^\s<>]+)", RegexOptions.Multiline)]
    private static partial Regex LinkDefinition();

    [GeneratedRegex(@"<(?:a|img)\s[^>]*?(?:href|src)=""([^""]+)""")]
    private static partial Regex HtmlLink();

    [GeneratedRegex(@"<a\s[^>]*?(?:id|name)=""([^""]+)""")]
    private static partial Regex NamedElement();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex ShownLink();

    [GeneratedRegex(@"</?[a-zA-Z][^>`]*>")]
    private static partial Regex HtmlTag();

    [GeneratedRegex(@"[^\p{L}\p{M}\p{N}\p{Pc} -]")]
    private static partial Regex NotInSlug();

    /// <summary>A block whose end is not yet read. Its lines lose the indentation that the fence has, as in a list.</summary>
    private sealed partial class Fence(string indentation, string mark, string language, int number, string before)
    {
        private readonly List<string> _lines = [];

        public static Fence? Open(string line, int number, string before) => Opening().Match(line) is { Success: true } match
            ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, number, before)
            : null;

        public bool IsClosedBy(string line) => line.Trim() is var text && text.Length >= mark.Length && text.Trim(mark[0]).Length == 0;

        public void Add(string line) =>
            _lines.Add(line.StartsWith(indentation, StringComparison.Ordinal) ? line[indentation.Length..] : line.TrimStart());

        public MarkdownBlock ToBlock() => new(language, string.Concat(_lines.Select(line => line + "\n")), number, before);

        [GeneratedRegex(@"^(\s*)(```+|~~~+)\s*([^\s`]*)")]
        private static partial Regex Opening();
    }
}
