using System.Collections.Concurrent;
using EventStream.Documents.Tests.Pages;
using EventStream.Documents.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Documents.Tests;

/// <summary>Each block of HTML or JavaScript in the documents, in Chromium, with the server that the comment before it names.</summary>
public sealed class BrowserBlockTests(Chromium chromium)
{
    public static TheoryData<string, int> Blocks()
    {
        var data = new TheoryData<string, int>();
        foreach (var block in RepositoryDocuments.All().SelectMany(RepositoryDocuments.BrowserBlocks)) data.Add(block.Document, block.Line);
        return data;
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Blocks))]
    public async Task Block_InChromium_ShowsWhatTheCommentBeforeItSays(string document, int line)
    {
        var block = RepositoryDocuments.BrowserBlocks(document).Single(block => block.Line == line);
        block.SaysHowItRuns.Should().BeTrue($"the line before a block says how it runs, as {BrowserBlock.Form}");
        await using var server = await PageServer.StartAsync(block);
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = server.Address.ToString() });
        var page = await context.NewPageAsync();
        var errors = new ConcurrentQueue<string>();
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type != "error" || message.Location.Contains("favicon.ico", StringComparison.Ordinal)) return;
            errors.Enqueue(message.Text);
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Address.ToString(), StringComparison.Ordinal)) errors.Enqueue($"It asks {request.Url}");
        };

        await page.GotoAsync("/");

        if (block.Click.Length > 0) await page.ClickAsync(block.Click);
        foreach (var text in block.Texts) await Expect(page.Locator("body")).ToContainTextAsync(text);
        errors.Should().BeEmpty();
    }
}
