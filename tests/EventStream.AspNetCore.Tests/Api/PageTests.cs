using EventStream.AspNetCore.Tests.Documents;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The code on every page, each block as it stands there: it compiles without an error or a warning.</summary>
public sealed class PageTests
{
    public static IEnumerable<TheoryDataRow<string>> PagesWithCode => PagesWith("csharp");

    public static IEnumerable<TheoryDataRow<string>> PagesWithRazor => PagesWith("razor");

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(PagesWithCode))]
    public async Task Code_OfAPage_Compiles(string page) =>
        string.Join("\n\n", new PageCode(await ReadAsync(page)).Complaints).Should().BeEmpty();

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(PagesWithRazor))]
    public async Task Components_OfAPage_HaveCodeThatCompiles(string page) => string.Join(
        "\n\n",
        (await ReadAsync(page)).Blocks
            .Where(block => block.Language == "razor")
            .Select(block => new RazorCode(block.Code))
            .SelectMany(component => Snippet.Types(component.Class).Complaints)).Should().BeEmpty();

    [Fact(Timeout = 30_000)]
    public async Task Complaints_OfABlockThatDoesNotCompile_AreFound()
    {
        var page = new MarkdownPage(
            "```csharp\napp.MapGet(\"/\", () => Results.EventStream(Tikcs()));\n```\n```csharp\nrecord Tick;\n```\n");

        new PageCode(page).Complaints.Should().ContainSingle().Which.Should().StartWith("CS0103: The name 'Tikcs' does not exist");
    }

    [Fact(Timeout = 30_000)]
    public async Task Code_ThatUsesATypeOfAnotherBlock_Compiles()
    {
        var page = new MarkdownPage(
            "```csharp\nConsole.WriteLine(new Tick(1));\n```\n```csharp\npublic sealed record Tick(int Number);\n```\n");

        new PageCode(page).Complaints.Should().BeEmpty();
    }

    private static async Task<MarkdownPage> ReadAsync(string page) => new(await File.ReadAllTextAsync(Repository.PathOf(page)));

    private static IEnumerable<TheoryDataRow<string>> PagesWith(string language) =>
        from page in RepositoryFiles.Pages()
        where new MarkdownPage(File.ReadAllText(Repository.PathOf(page))).Blocks.Any(block => block.Language == language)
        select new TheoryDataRow<string>(page);
}
