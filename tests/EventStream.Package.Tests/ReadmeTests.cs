using System.Collections.Concurrent;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Package.Tests;

/// <summary>What a newcomer sees who copies the first two blocks of the README.</summary>
[Trait("Category", "Linux")]
public sealed class ReadmeTests(ReadmeApp app, Chromium chromium) : IClassFixture<ReadmeApp>, IClassFixture<Chromium>
{
    [Fact(Timeout = 60_000)]
    public async Task FirstProgram_InABrowser_TenMessagesThenTheBrowserIsToldNotToComeBack()
    {
        await using var running = await RunningApp.StartAsync(app);
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = running.Client.BaseAddress!.ToString() });
        var page = await context.NewPageAsync();
        var (lines, requests) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        page.Console += (_, message) => lines.Enqueue(message.Text);
        page.Request += (_, request) => requests.Enqueue(new Uri(request.Url).AbsolutePath);
        var last = page.WaitForResponseAsync(response => response.Status == 204, new() { Timeout = 50_000 });

        // A page of the same app, which has nothing but the script.
        await page.RouteAsync("**/page", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = $"<!doctype html><link rel=icon href=data:,><script>{ReadmeApp.Script}</script>",
        }));
        await page.GotoAsync("/page");

        // The answer to the end mark. Its header cannot be seen here, because a page that is made by the test hides it.
        await last;
        await page.WaitForFunctionAsync("count.readyState === EventSource.CLOSED");
        lines.Should().Equal(Enumerable.Range(1, 10).Select(n => $"{n} of 10"));
        requests.Should().Equal("/page", "/count", "/count");
    }
}
