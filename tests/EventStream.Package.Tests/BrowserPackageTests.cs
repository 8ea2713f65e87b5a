using System.Net;

namespace EventStream.Package.Tests;

/// <summary>The package of the module for browsers: what it contains, and that an app serves it.</summary>
public sealed class BrowserPackageTests(BrowserApp built, PublishedBrowserApp published)
    : IClassFixture<BrowserApp>, IClassFixture<PublishedBrowserApp>
{
    private static readonly PackedLibrary Package = new("EventStream.Browser");

    private static string Wwwroot { get; } = Repository.PathOf("src", "EventStream.Browser", "wwwroot");

    [Fact(Timeout = 30_000)]
    public async Task Package_Content_IsTheModuleAndWhatServesIt() => Package.Files.Should().BeEquivalentTo(
    [
        "README.md",
        "icon.png",
        "build/EventStream.Browser.props",
        "build/Microsoft.AspNetCore.StaticWebAssetEndpoints.props",
        "build/Microsoft.AspNetCore.StaticWebAssets.props",
        "buildMultiTargeting/EventStream.Browser.props",
        "buildTransitive/EventStream.Browser.props",
        .. Directory.GetFiles(Wwwroot).Select(file => $"staticwebassets/{Path.GetFileName(file)}"),
    ]);

    [Fact(Timeout = 30_000)]
    public async Task Nuspec_OfTheModule_HasNoDependency()
    {
        var nuspec = await Package.ReadNuspecAsync();

        nuspec.Descendants().Select(element => element.Name.LocalName)
            .Should().NotContain(["dependency", "group", "frameworkReference"]).And.Contain("description");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(nameof(built), "assets")]
    [InlineData(nameof(built), "files")]
    [InlineData(nameof(published), "assets")]
    [InlineData(nameof(published), "files")]
    public async Task App_WithThePackage_ServesTheModule(string app, string serve)
    {
        await using var running = await RunningApp.StartAsync(app == nameof(built) ? built : published, "--serve", serve);
        var scripts = Directory.GetFiles(Wwwroot, "*.js");

        foreach (var script in scripts)
        {
            using var response = await running.Client.GetAsync($"/_content/EventStream.Browser/{Path.GetFileName(script)}");

            response.StatusCode.Should().Be(HttpStatusCode.OK);
            response.Content.Headers.ContentType!.MediaType.Should().Be("text/javascript");
            (await response.Content.ReadAsByteArrayAsync()).Should().Equal(await File.ReadAllBytesAsync(script));
        }

        scripts.Select(Path.GetFileName).Should().Contain("event-stream.js");
    }
}
