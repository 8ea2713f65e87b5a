using System.Collections.Concurrent;
using EventStream.Documents.Tests.Clients;
using EventStream.Documents.Tests.Pages;
using EventStream.Documents.Tests.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Documents.Tests;

/// <summary>The tabs of the guide to JavaScript clients share one stream.</summary>
public sealed class TabsTests(Chromium chromium)
{
    [Fact(Timeout = 60_000)]
    public async Task Tabs_OfTheGuide_ShareOneStreamAndPassItOn()
    {
        var block = RepositoryDocuments.BrowserBlocks(ClientTable.Document).Single(block => block.Code.Contains("shared: true"));
        await using var server = await PageServer.StartAsync(block with { Comment = "<!-- runs with the server live, and shows: - -->" });
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = server.Address.ToString() });
        var streams = new ConcurrentDictionary<IRequest, bool>();
        context.Request += (_, request) =>
        {
            if (request.Method == "GET" && request.Url.EndsWith("/prices", StringComparison.Ordinal)) streams[request] = true;
        };
        context.RequestFailed += (_, request) => streams.TryRemove(new(request, true));
        var first = await OpenAsync();
        await PublishAsync(first, "one");
        await Expect(first.Locator("body")).ToContainTextAsync("one");
        var second = await OpenAsync();

        await PublishAsync(second, "two");
        await Expect(second.Locator("body")).ToContainTextAsync("two");
        await Soon.Until(() => streams.Count == 1, "both tabs share one stream");
        await first.CloseAsync();
        await PublishAsync(second, "three");
        await Expect(second.Locator("body")).ToContainTextAsync("three");

        (await second.Locator("body").InnerTextAsync()).Trim().Should().Be("one two three");

        async Task<IPage> OpenAsync()
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync("/");
            return page;
        }

        static Task PublishAsync(IPage page, string text) =>
            page.EvaluateAsync("text => fetch('/prices?' + new URLSearchParams({ text }), { method: 'POST' })", text);
    }
}
