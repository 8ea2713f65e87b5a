using System.Text.Json;
using System.Xml.Linq;

namespace EventStream.Browser.Tests.Module;

/// <summary>The npm package of the module, as <c>npm pack</c> makes it.</summary>
public sealed class NpmPackageTests
{
    [Fact(Timeout = 60_000)]
    public async Task Pack_Content_IsTheOutputAndItsPage()
    {
        var package = await PackAsync();

        package.GetProperty("name").GetString().Should().Be("eventstream-browser");
        package.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString())
            .Should().BeEquivalentTo(
                [
                    "README.md",
                    "package.json",
                    .. Directory.GetFiles(Command.Wwwroot).Select(path => $"wwwroot/{Path.GetFileName(path)}"),
                ]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Pack_Version_IsThatOfTheOtherPackages()
    {
        var properties = XDocument.Load(Repository.PathOf("Directory.Build.props"));

        (await PackAsync()).GetProperty("version").GetString().Should().Be(properties.Descendants("Version").Single().Value);
    }

    private static async Task<JsonElement> PackAsync()
    {
        var (code, output) = await Command.RunAsync("npm", "pack", "--dry-run", "--json", "--offline", "--loglevel=error");
        code.Should().Be(0, "{0}", output);
        return JsonElement.Parse(output)[0];
    }
}
