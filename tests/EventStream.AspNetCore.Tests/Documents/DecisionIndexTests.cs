using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The index of the decisions says what their pages say.</summary>
public sealed partial class DecisionIndexTests
{
    private static readonly string[] Parts = ["\n## Chosen\n", "\n## Why\n", "\n## Given up\n"];

    [Fact(Timeout = 30_000)]
    public void Index_OfTheDecisions_HasTheTitleAndStatusOfEachPage() =>
        Page.Read("decisions", "README.md").Rows("## Index").Select(row => string.Join(" | ", row))
            .Should().Equal(Files().Select(RowOf));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Names))]
    public void Page_OfADecision_HasItsNumberAStatusAndThreeParts(string name)
    {
        var text = TextOf(name);
        var head = Head().Match(text);

        head.Success.Should().BeTrue("the page begins with a title that has a number, and a status");
        name.Should().StartWith(head.Groups["number"].Value.PadLeft(4, '0') + "-");
        Parts.Where(part => !text.Contains(part, StringComparison.Ordinal)).Should().BeEmpty();
    }

    public static TheoryData<string> Names() => [.. Files()];

    private static IEnumerable<string> Files() => RepositoryFiles.Below("docs/decisions")
        .Select(path => Path.GetFileName(path))
        .Where(name => name.EndsWith(".md", StringComparison.Ordinal) && name != "README.md")
        .Order(StringComparer.Ordinal);

    private static string RowOf(string name)
    {
        var head = Head().Match(TextOf(name));
        return $"{head.Groups["number"]} | [{head.Groups["title"]}]({name}) | {head.Groups["status"]}";
    }

    private static string TextOf(string name) => File.ReadAllText(Repository.PathOf("docs", "decisions", name)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^# (?<number>\d+)\. (?<title>.+)\n\nStatus: (?<status>accepted|withdrawn|replaced (in part )?by \[\d+\]\(.+\))\n")]
    private static partial Regex Head();
}
