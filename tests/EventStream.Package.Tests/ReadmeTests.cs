using System.Collections.Concurrent;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Package.Tests;

/// <summary>What a newcomer sees who copies the first program of the README, and opens its page.</summary>
[Trait("Category", "Linux")]
public sealed class ReadmeTests(ReadmeApp app, Chromium chromium) : IClassFixture<ReadmeApp>, IClassFixture<Chromium>
{
    [Fact(Timeout = 60_000)]
    public async Task FirstProgram_InABrowser_TenMessagesThenTheBrowserStops()
    {
        await using var running = await RunningApp.StartAsync(app);
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = running.Client.BaseAddress!.ToString() });
        var page = await context.NewPageAsync();
        var requests = new ConcurrentQueue<string>();
        page.Request += (_, request) => requests.Enqueue(new Uri(request.Url).AbsolutePath);
        var last = page.WaitForResponseAsync(response => response.Status == 204, new() { Timeout = 50_000 });

        await page.GotoAsync("/");

        // The answer to the end mark.
        await last;
        await page.WaitForFunctionAsync("count.readyState === EventSource.CLOSED");
        var lines = (await page.InnerTextAsync("body")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().Equal(Enumerable.Range(1, 10).Select(n => $"{n} of 10"));
        requests.Where(path => path != "/favicon.ico").Should().Equal("/", "/count", "/count");
    }
}
