using System.Text.RegularExpressions;
using Chat.Model;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Chat.Tests;

public sealed partial class TwoNodesTests(Chromium chromium, ChatNodes nodes) : IClassFixture<ChatNodes>
{
    private const string Question = "What if a node dies?";

    private static readonly string Answer = Texts.AnswerTo(Question);

    [Fact(Timeout = 120_000)]
    public async Task Kill_OfTheNodeThatWrites_ThePageSaysSoAndTheQuestionCanBeAskedAgain()
    {
        await using var page = await ChatPage.OpenAsync(chromium, nodes.Address);
        var writer = await AskAsync(page);

        await nodes.KillAsync(writer);

        await Expect(page.Outcome).ToHaveTextAsync($"Node {writer} died, and the answer ended with it.", new() { Timeout = 30_000 });
        await page.PressAsync("Ask again");
        await IsWholeAsync(page);
        await Expect(page.Page.Locator(".taken-over")).ToHaveCountAsync(0);
        await Expect(page.Page.Locator(".answer")).ToHaveCountAsync(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task KillButton_TakeoverIsChosen_TheOtherNodeAnswersAgain()
    {
        await using var page = await ChatPage.OpenAsync(chromium, nodes.Address);
        await page.Page.GetByLabel("is taken over").CheckAsync();
        var writer = await AskAsync(page);
        var other = writer == "a" ? "b" : "a";

        await page.PressAsync($"Kill node {writer}");

        await Expect(page.Page.Locator(".taken-over")).ToHaveTextAsync(
            $"Node {writer} died. Node {other} took over, and began the answer again.", new() { Timeout = 30_000 });
        await IsWholeAsync(page);
        await page.Page.ReloadAsync();
        await IsWholeAsync(page);
    }

    [Fact(Timeout = 120_000)]
    public async Task Stop_ByAnotherBrowserOnAnyNode_IsShownInBoth()
    {
        await using var page = await ChatPage.OpenAsync(chromium, nodes.Address);
        await AskAsync(page);
        await using var second = await page.OpenAgainAsync(chromium);
        await Expect(second.State).ToHaveTextAsync(Writes());

        await second.PressAsync("Stop");

        await Expect(page.Outcome).ToHaveTextAsync("Stopped. The words above are kept.");
        await Expect(second.Outcome).ToHaveTextAsync("Stopped. The words above are kept.");
        (await page.TextAsync()).Should().NotBeEmpty().And.Be(await second.TextAsync());
    }

    /// <summary>Asks, and returns the node that writes the answer as soon as it has written some words of it.</summary>
    private static async Task<string> AskAsync(ChatPage page)
    {
        await page.AskAsync(Question);
        await Expect(page.State).ToHaveTextAsync(Writes());
        await Expect(page.Text.First).ToContainTextAsync("which node");
        return Writes().Match((await page.State.TextContentAsync())!).Groups[1].Value;
    }

    private static async Task IsWholeAsync(ChatPage page)
    {
        await Expect(page.State).ToHaveTextAsync("Two nodes are ready", new() { Timeout = 30_000 });
        await Expect(page.Outcome).ToHaveCountAsync(0);
        (await page.TextAsync()).Should().Be(Answer);
    }

    [GeneratedRegex("^Node ([ab]) writes, you read through (it|node [ab])$")]
    private static partial Regex Writes();
}
