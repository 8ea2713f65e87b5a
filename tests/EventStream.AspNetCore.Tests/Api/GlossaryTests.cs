using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The words of the documents, which <c>docs/concepts.md</c> defines once.</summary>
public sealed partial class GlossaryTests
{
    private static readonly string[] Words =
    [
        "message", "channel", "ring", "log", "epoch", "sequence", "position", "subscriber", "resume", "replay",
        "gap", "evict", "drain", "node", "run", "connection", "reject", "unavailable",
    ];

    [Fact(Timeout = 30_000)]
    public async Task Glossary_EachWord_IsDefinedOnceAndLinksToItsSection()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs/concepts.md"));
        var rows = Row().Matches(page).ToArray();
        var sections = Heading().Matches(page).Select(heading => heading.Groups["title"].Value.ToLowerInvariant()).ToArray();

        rows.Select(row => row.Groups["word"].Value).Should().BeEquivalentTo(Words);
        rows.Select(row => row.Groups["section"].Value).Should().BeSubsetOf(sections);
    }

    [GeneratedRegex(@"^\| \[(?<word>\w+)\]\(#(?<section>[\w-]+)\) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^## (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
