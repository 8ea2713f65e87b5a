namespace EventStream.Documents.Tests;

public sealed class RazorTests
{
    [Fact(Timeout = 30_000)]
    public async Task PriceRow_OfTheGuide_IsTheComponentThatTheTestsRun()
    {
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "guides", "front-ends.md"));

        var component = await File.ReadAllTextAsync(Repository.PathOf("tests", "EventStream.Documents.Tests", "Razor", "PriceRow.razor"));

        guide.Should().Contain($"`PriceRow.razor`:\n\n```razor\n{component}```");
    }
}
