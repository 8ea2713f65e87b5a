using EventStream.Showcase.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed class SourceCodeTests(Chromium chromium)
{
    [Fact(Timeout = 60_000)]
    public async Task TenQuotes_ServerCode_IsTheFileThatWasCompiled()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync("/demos/ten-quotes.html");

        var code = visit.Page.Locator("source-code[file='TenQuotes.cs'] code");
        await Expect(code).ToContainTextAsync("app.MapGet(\"/quotes\", (Pace pace) => TypedResults.EventStream(");
        await Expect(code).Not.ToContainTextAsync("using System");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/source/Program.cs")]
    [InlineData("/source/..%2Fappsettings.json")]
    public async Task Source_FileOfNoDemo_404(string path)
    {
        await using var app = ShowcaseApp.Start();
        using var client = new HttpClient { BaseAddress = app.Address };

        (await client.GetAsync(new Uri(path, UriKind.Relative))).StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
    }
}
