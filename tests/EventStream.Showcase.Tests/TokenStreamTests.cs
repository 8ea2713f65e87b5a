using System.Net;
using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using Showcase.Answers;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed class TokenStreamTests(Chromium chromium)
{
    private const string Path = "/demos/token-stream.html";
    private const string Question = "Is <b>this</b> lost?";
    private const string Complete = "Complete";

    private static readonly string Text = FakeModel.Text(Question);
    private static readonly int Tokens = FakeModel.TokensOf(Text).Count();

    [Fact(Timeout = 60_000)]
    public async Task Reload_InMidSentence_FullTextOnceAndNoRequestAfterTheEnd()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await AskAsync(visit.Page);
        await WriteAsync(pace, 40);
        await Expect(visit.Page.Locator("#verdict")).ToHaveTextAsync("40 tokens arrived: none twice, none missing.");

        var resume = visit.Page.WaitForRequestAsync(request => IsStream(new(request.Url)));
        await visit.Page.ReloadAsync();
        (await (await resume).HeaderValueAsync("Last-Event-ID")).Should().EndWith("-40");
        await WriteAsync(pace, Tokens - 40);

        await IsWholeAsync(visit.Page);
        await visit.Page.ReloadAsync();
        await IsWholeAsync(visit.Page);
        visit.Requests.Where(IsStream).Should().HaveCount(2, "of the question, and of the reload in the middle");
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task SecondTab_InTheMiddle_ReadsTheSameRunFromItsBeginning()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await AskAsync(visit.Page);
        await WriteAsync(pace, 10);
        await Expect(visit.Page.Locator("#verdict")).ToContainTextAsync("10 tokens");

        var second = await visit.Page.Context.RunAndWaitForPageAsync(() => visit.Page.ClickAsync("#second"));
        await Expect(second.Locator("#verdict")).ToContainTextAsync("10 tokens");
        await WriteAsync(pace, Tokens - 10);

        await IsWholeAsync(visit.Page);
        await IsWholeAsync(second);
        app.Services.GetRequiredService<EventStreamHub>().Channels
            .Where(channel => channel.Name.StartsWith("answers/", StringComparison.Ordinal))
            .Should().ContainSingle().Which.Count.Should().Be(Tokens);
    }

    [Fact(Timeout = 60_000)]
    public async Task Leave_RunContinues_TheRestIsThereForTheReturn()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await AskAsync(visit.Page);
        await WriteAsync(pace, 10);
        await Expect(visit.Page.Locator("#verdict")).ToContainTextAsync("10 tokens");

        await visit.Page.GotoAsync("about:blank");
        await WriteAsync(pace, Tokens - 10);
        await visit.Page.GoBackAsync();

        await IsWholeAsync(visit.Page);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_UnknownAnswer_PageReportsIt()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync(Path + "#nobody");

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("The server does not know this answer any more");
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_ConnectionsBreak_EachAttemptHasAKeyOfItsOwn()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        List<Task<string?>> keys = [];
        visit.Page.Request += (_, request) =>
        {
            if (IsStream(new(request.Url))) keys.Add(request.HeaderValueAsync("Access-Key"));
        };
        await AskAsync(visit.Page);
        await WriteAsync(pace, 10);
        await Expect(visit.Page.Locator("#verdict")).ToContainTextAsync("10 tokens");

        var back = visit.Page.WaitForResponseAsync(response => IsStream(new(response.Url)));
        await app.Services.GetRequiredService<EventStreamHub>().DisconnectAsync(
            new EventStreamSelector { Channel = new Uri(visit.Page.Url).Fragment.Replace("#", "answers/", StringComparison.Ordinal) });
        (await back).Status.Should().Be(200);
        await WriteAsync(pace, Tokens - 10);

        await IsWholeAsync(visit.Page);
        (await Task.WhenAll(keys)).Should().HaveCount(2).And.OnlyHaveUniqueItems().And.NotContainNulls();
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_WithoutAKeyOrWithAUsedOne_401()
    {
        await using var app = ShowcaseApp.Start();
        using var client = new HttpClient { BaseAddress = app.Address };
        var key = app.Services.GetRequiredService<AccessKeys>().Make();

        (await StatusAsync(null)).Should().Be(HttpStatusCode.Unauthorized);
        (await StatusAsync(key)).Should().Be(HttpStatusCode.NotFound, "the key is right, and there is no such answer");
        (await StatusAsync(key)).Should().Be(HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> StatusAsync(string? accessKey)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/answers/nobody") { Headers = { { "Access-Key", accessKey } } };
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static bool IsStream(Uri url) => url.AbsolutePath.StartsWith("/answers/", StringComparison.Ordinal);

    private static async Task AskAsync(IPage page)
    {
        await page.GotoAsync(Path);
        await page.FillAsync("#question", Question);
        await page.ClickAsync("#start");
        await Expect(page.Locator(".card .state")).ToHaveTextAsync("The model is writing");
    }

    private static async Task WriteAsync(HeldPace pace, int tokens)
    {
        for (var token = 0; token < tokens; token++) await pace.ReleaseAsync();
    }

    private static async Task IsWholeAsync(IPage page)
    {
        await Expect(page.Locator(".card .state")).ToHaveTextAsync(Complete);
        await Expect(page.Locator("#verdict")).ToHaveTextAsync($"{Tokens} tokens arrived: none twice, none missing.");
        (await page.Locator("#answer").TextContentAsync()).Should().Be(Text);
    }
}
