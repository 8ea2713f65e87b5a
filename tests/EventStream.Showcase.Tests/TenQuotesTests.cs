using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed class TenQuotesTests(Chromium chromium)
{
    private const string Path = "/demos/ten-quotes.html";

    [Fact(Timeout = 60_000)]
    public async Task Quotes_NextOneIsNotMadeYet_PageShowsThoseBeforeIt()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync(Path);

        for (var number = 1; number <= 10; number++)
        {
            await pace.ReleaseAsync(waits: 2);
            await Expect(Plain(visit)).ToHaveCountAsync(number);
            await Expect(Htmx(visit)).ToHaveCountAsync(number);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task EventSource_ReconnectsAfterTheEnd_Gets204AndStaysAtTen()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        var refusal = visit.Page.WaitForResponseAsync(response => response.Status == 204);

        await visit.Page.GotoAsync(Path);

        (await (await refusal).Request.HeaderValueAsync("Last-Event-ID")).Should().Be("10.end");
        await Expect(visit.Page.Locator("#plain .state")).ToHaveTextAsync("Finished: the browser was told not to come back");
        await ReadAllOnTheWireAsync(visit);
        await Expect(Plain(visit)).ToHaveCountAsync(10);
        visit.RequestsTo("/quotes").Should().Be(3, "of the stream, of the 204, and of the wire view");
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Htmx_StreamEnds_DoesNotComeBackAndStaysAtTen()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync(Path);

        await Expect(visit.Page.Locator("#htmx .state")).ToHaveTextAsync("Finished: htmx closed the stream");
        await ReadAllOnTheWireAsync(visit);
        await Expect(Htmx(visit)).ToHaveCountAsync(10);
        await Expect(Htmx(visit).Last).ToContainTextAsync("The rest is silence.");
        visit.RequestsTo("/quotes/html").Should().Be(1);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task PlayAgain_Finished_TenQuotesAgain()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await Expect(visit.Page.Locator("#plain .state")).ToHaveTextAsync("Finished: the browser was told not to come back");

        // The page clears the list before it asks, so ten are ten new ones.
        await visit.Page.RunAndWaitForRequestAsync(
            () => visit.Page.ClickAsync("#again"), request => new Uri(request.Url).AbsolutePath == "/quotes");

        await Expect(Plain(visit)).ToHaveCountAsync(10);
    }

    private static ILocator Plain(Visit visit) => visit.Page.Locator("#plain .quotes > li");

    private static ILocator Htmx(Visit visit) => visit.Page.Locator("#htmx .quotes > li");

    // A whole stream more, ten times as long as a browser waits to reconnect: what would come again has come by then.
    private static async Task ReadAllOnTheWireAsync(Visit visit)
    {
        await visit.Page.ClickAsync("wire-view [name=connect]");
        await Expect(visit.Page.Locator("wire-view .state")).ToHaveTextAsync("The server ended the response");
    }
}
