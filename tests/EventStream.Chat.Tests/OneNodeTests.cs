using Chat.Model;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Chat.Tests;

public sealed class OneNodeTests(Chromium chromium)
{
    private const string Question = "What happens when I reload?";

    private static readonly string Answer = Texts.AnswerTo(Question);
    private static readonly int WordsBefore = FakeModel.WordsOf(Texts.Reasoning).Count() + FakeModel.ToolWaits;
    private static readonly int Words = FakeModel.WordsOf(Answer).Count();

    [Fact(Timeout = 60_000)]
    public async Task Ask_Question_ShowsReasoningToolAndAnswerWithoutAnythingFromElsewhere()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);

        await page.AskAsync(Question);
        pace.Write(3);
        await Expect(page.Page.Locator(".reasoning[open] p")).ToHaveTextAsync("The question is");
        pace.Write(WordsBefore + Words);

        await IsWholeAsync(page);
        await Expect(page.Page.Locator(".tool")).ToContainTextAsync($"count_words(\"{Question}\")");
        await Expect(page.Page.Locator(".tool output")).ToHaveTextAsync("5");
        page.Errors.Should().BeEmpty();
        page.Requests.Should().OnlyContain(request => request.Authority == app.Address.Authority);
    }

    [Fact(Timeout = 60_000)]
    public async Task Reload_InMidAnswer_TheMessageEqualsTheOneThatWasSent()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);
        await AskAsync(page, pace, page);

        await page.Page.ReloadAsync();
        await HasWordsAsync(page, 10);
        pace.Write(Words - 10);

        await IsWholeAsync(page);
        await Expect(page.Page.Locator(".answer")).ToHaveCountAsync(1);
        page.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Leave_AnswerEndsMeanwhile_IsThereForTheReturn()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);
        await AskAsync(page, pace, page);

        await page.Page.GotoAsync("about:blank");
        pace.Write(Words);
        await page.Page.GoBackAsync();

        await IsWholeAsync(page);
    }

    [Fact(Timeout = 60_000)]
    public async Task SecondTab_OpenedBeforeTheQuestion_ShowsTheSameAnswer()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);
        await Expect(page.Page.Locator(".welcome")).ToBeVisibleAsync();
        await using var second = await page.OpenAgainAsync(chromium);
        await Soon.Until(() => app.Hub.Channels.Any(channel => channel.SubscriberCount == 2), "both tabs hear of questions");

        await AskAsync(page, pace, second);
        pace.Write(Words - 10);

        await IsWholeAsync(page);
        await IsWholeAsync(second);
        await Expect(second.Page.Locator(".question")).ToHaveTextAsync(Question);
        second.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_FromTheSecondTab_StopsTheModelAndBothTabsSaySo()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);
        await AskAsync(page, pace, page);
        await using var second = await page.OpenAgainAsync(chromium);
        await HasWordsAsync(second, 10);

        await second.PressAsync("Stop");

        await pace.Stopped.OrFail("the end of the model");
        await Expect(second.Outcome).ToHaveTextAsync("Stopped. The words above are kept.");
        await Expect(page.Outcome).ToHaveTextAsync("Stopped. The words above are kept.");
        await HasWordsAsync(page, 10);
        await page.Page.ReloadAsync();
        await Expect(page.Outcome).ToHaveTextAsync("Stopped. The words above are kept.");
        await HasWordsAsync(page, 10);
    }

    [Fact(Timeout = 60_000)]
    public async Task Error_OfTheModel_IsShownAndTheQuestionCanBeAskedAgain()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(chromium, app.Address);

        await page.AskAsync("/error");
        pace.Write(WordsBefore);

        await Expect(page.Outcome).ToHaveTextAsync("The model has failed, as you asked.");
        await Expect(page.Text).ToHaveTextAsync("This answer begins well, and then");
        await page.PressAsync("Ask again");
        await Expect(page.Outcome).ToHaveCountAsync(0);
        await page.PressAsync("Stop");
        await Expect(page.Page.Locator(".answer")).ToHaveCountAsync(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Page_PhoneWidthAndDark_DoesNotScrollSideways()
    {
        var pace = new HeldPace();
        await using var app = ChatApp.Start(pace);
        await using var page = await ChatPage.OpenAsync(
            chromium, app.Address, new() { ViewportSize = new() { Width = 360, Height = 700 }, ColorScheme = ColorScheme.Dark });
        pace.Write(WordsBefore + Words);
        await page.AskAsync(Question);

        await IsWholeAsync(page);

        (await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().Be(360);
        (await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")).Should().Be("rgb(20, 23, 26)");
    }

    /// <summary>Asks on a page, lets the model write ten words of the answer, and waits until a page of the chat shows them.</summary>
    private static async Task AskAsync(ChatPage page, HeldPace pace, ChatPage reader)
    {
        await page.AskAsync(Question);
        pace.Write(WordsBefore + 10);
        await HasWordsAsync(reader, 10);
    }

    private static Task HasWordsAsync(ChatPage page, int words) =>
        Expect(page.Text).ToHaveTextAsync(string.Concat(FakeModel.WordsOf(Answer).Take(words)).Split("\n\n"));

    private static async Task IsWholeAsync(ChatPage page)
    {
        await Expect(page.State).ToHaveTextAsync("One node, in memory");
        (await page.TextAsync()).Should().Be(Answer);
    }
}
