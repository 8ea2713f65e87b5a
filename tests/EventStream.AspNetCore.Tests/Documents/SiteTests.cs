using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The sidebar of the site leads to every page. That of the decisions is written by the build of the site.</summary>
public sealed partial class SiteTests
{
    private const string Home = "docs/index.md";

    [Fact(Timeout = 30_000)]
    public async Task Sidebar_OfTheSite_HasEachPageOnce()
    {
        var pages = RepositoryFiles.Below("docs")
            .Where(path => path.EndsWith(".md", StringComparison.Ordinal) && path != Home)
            .Where(path => !path.StartsWith("docs/decisions/", StringComparison.Ordinal))
            .Append("docs/decisions/README.md");

        var linked = Link().Matches(await File.ReadAllTextAsync(Repository.PathOf("docs", "toc.yml")))
            .Select(match => $"docs/{match.Groups[1].Value.Trim()}");

        linked.Should().BeEquivalentTo(pages);
    }

    [GeneratedRegex("^ *href: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Link();
}
