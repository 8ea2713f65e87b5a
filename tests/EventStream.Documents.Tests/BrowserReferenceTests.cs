using System.Text.RegularExpressions;

namespace EventStream.Documents.Tests;

/// <summary>The reference of the module for browsers has the names that its declarations have.</summary>
public sealed partial class BrowserReferenceTests
{
    private static readonly Page Reference = Page.Read("reference", "browser.md");

    private static readonly string Declarations =
        File.ReadAllText(Repository.PathOf("src", "EventStream.Browser", "wwwroot", "event-stream.d.ts"));

    [Fact(Timeout = 30_000)]
    public void Options_OfTheReference_AreThoseOfTheDeclarations()
    {
        var declared = Option().Matches(OptionsInterface().Match(Declarations).Value).Select(option => option.Groups[1].Value);

        Names("## Options", column: 0).Should().BeEquivalentTo(declared);
    }

    [Fact(Timeout = 30_000)]
    public void Reasons_OfTheReference_AreThoseOfTheDeclarations()
    {
        var declared = Quoted().Matches(CloseReason().Match(Declarations).Value).Select(reason => reason.Groups[1].Value);

        Names("## What comes back, and what ends", column: 2).Distinct().Should().BeEquivalentTo(declared);
    }

    private static IEnumerable<string> Names(string heading, int column) =>
        Reference.Rows(heading).SelectMany(cells => Page.Code(cells[column]).Take(1));

    [GeneratedRegex(@"^export interface EventStreamOptions \{.+?^\}", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex OptionsInterface();

    [GeneratedRegex(@"^ +(\w+)\?:", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex("^export type CloseReason = .+?;", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CloseReason();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
