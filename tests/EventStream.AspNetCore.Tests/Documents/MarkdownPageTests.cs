namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>What the tests of documents find on a page.</summary>
public sealed class MarkdownPageTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("## Let time pass", "let-time-pass")]
    [InlineData("# 5. The packages, offline", "5-the-packages-offline")]
    [InlineData("### `Last-Event-ID` and `id:`", "last-event-id-and-id")]
    [InlineData("## What is *not* **there**?", "what-is-not-there")]
    [InlineData("## See [the wire](wire.md)", "see-the-wire")]
    [InlineData("## a_b / c — d", "a_b--c--d")]
    [InlineData("## Résumé", "résumé")]
    [InlineData("text\n\n<a id=\"here\"></a>", "here")]
    public async Task Anchors_OfAPage_AreThoseOfGitHub(string text, string anchor) =>
        new MarkdownPage(text).Anchors.Should().Equal(anchor);

    [Fact(Timeout = 30_000)]
    public async Task Anchors_OfTheSameHeadings_AreNumbered() =>
        new MarkdownPage("# Why\n## Why\n# Why").Anchors.Should().Equal("why", "why-1", "why-2");

    [Fact(Timeout = 30_000)]
    public async Task Links_OfEachShape_AreFound() => new MarkdownPage(
        """
        [one](one.md), ![two](two.png "Two"), [three][3], <a class="x" href="four.md">four</a>
        [![five](five.svg)](six.md#part), [seven](<seven.md>)

        [3]: three.md
        """).Links.Should().BeEquivalentTo("one.md", "two.png", "four.md", "five.svg", "six.md#part", "seven.md", "three.md");

    [Fact(Timeout = 30_000)]
    public async Task Links_InCode_AreNoLinks() =>
        new MarkdownPage("`[a](b)` and ``x` [c](d)``\n```\n[e](f)\n# no heading\n```\n").Should()
            .Match<MarkdownPage>(page => !page.Links.Any() && page.Anchors.Count == 0);

    [Fact(Timeout = 30_000)]
    public async Task Blocks_AlsoInAList_HaveTheirLanguageCodeAndPlace() => new MarkdownPage(
        """
        ```csharp
        if (a)
            b();
        ```

        1. First:
           ~~~html
           <p>
             ```
           ~~~
        2. Then

        ```
        plain
        ```
        """).Blocks.Should().Equal(
        new MarkdownBlock("csharp", "if (a)\n    b();\n", 1, ""),
        new MarkdownBlock("html", "<p>\n  ```\n", 7, "1. First:"),
        new MarkdownBlock("", "plain\n", 13, ""));
}
