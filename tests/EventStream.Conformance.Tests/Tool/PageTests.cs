using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>The page about the tool, beside the tool.</summary>
public sealed class PageTests
{
    [Fact(Timeout = 30_000)]
    public async Task Page_Checks_AreAllThere()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "guides", "check-a-server.md"));

        page.Should().ContainAll(Examination.Checks(new(new("http://localhost/"))).Select(check => $"\n| {check.Name} |"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Page_Options_AreAllThere()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "guides", "check-a-server.md"));

        page.Should().ContainAll(Role.All.Select(role => $"\n| `{role.Option}` |"));
        page.Should().ContainAll(Limit.All.Select(limit => $"\n| `{limit.Option}` | {Duration.Show(limit.Get(new()))} |"));
    }
}
