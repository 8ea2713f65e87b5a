using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed partial class WireViewTests(Chromium chromium)
{
    [Fact(Timeout = 60_000)]
    public async Task Clock_Running_ShowsTheHeadTheRetryTheTicksAndTheKeepAlives()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync("/demos/clock.html");

        await Expect(visit.Page.Locator("wire-view summary")).ToContainTextAsync("200 OK");
        await Expect(visit.Page.Locator("wire-view pre")).ToContainTextAsync("content-type: text/event-stream");
        await Expect(Lines(visit, "retry").First).ToHaveTextAsync(RetryLine());
        await Expect(Lines(visit, "event").First).ToHaveTextAsync("event: tick");
        await Expect(Lines(visit, "comment").First).ToHaveTextAsync(":");
        (await Lines(visit, "comment").First.TextContentAsync()).Should().Be(":\n");
    }

    [Fact(Timeout = 60_000)]
    public async Task Clock_KeepAlivesOnTheWire_RaiseNoEvent()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync("/demos/clock.html");

        await Expect(Lines(visit, "comment").Nth(2)).ToBeAttachedAsync();
        await Expect(visit.Page.Locator("#keep-alives")).Not.ToHaveTextAsync("0");
        await Expect(visit.Page.Locator("#ticks")).Not.ToHaveTextAsync("0");
        await Expect(visit.Page.Locator("#phantoms")).ToHaveTextAsync("0");
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Pause_BytesArrive_HeldUntilGoOn()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync("/demos/clock.html");
        await Expect(Lines(visit, "comment").First).ToBeVisibleAsync();
        var pause = visit.Page.Locator("wire-view [name=pause]");

        await pause.ClickAsync();
        var shown = await visit.Page.Locator("wire-view li").CountAsync();
        await Expect(pause).ToHaveTextAsync(GoOn());
        await Expect(visit.Page.Locator("wire-view li")).ToHaveCountAsync(shown);
        await pause.ClickAsync();

        await Expect(visit.Page.Locator("wire-view li").Nth(shown + 2)).ToBeAttachedAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Connect_WithAPosition_TheStreamContinuesFromItAndThenIsRefused()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync("/demos/ten-quotes.html");

        await visit.Page.FillAsync("wire-view [name=lastEventId]", "7");
        await visit.Page.ClickAsync("wire-view [name=connect]");

        await Expect(visit.Page.Locator("wire-view .state")).ToHaveTextAsync("The server ended the response");
        await Expect(Lines(visit, "id")).ToHaveTextAsync(["id: 8", "id: 9", "id: 10", "id: 10.end"]);

        await visit.Page.ClickAsync("wire-view [name=connect]");

        await Expect(visit.Page.Locator("wire-view .state")).ToHaveTextAsync("204: do not come back");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("a\nb\r\nc", new[] { "a", "b" }, "c")]
    [InlineData("a\rb\n", new[] { "a", "b" }, "")]
    [InlineData("a\r", new string[0], "a\r")]
    [InlineData("\n\n", new[] { "", "" }, "")]
    public async Task SplitLines_AnyText_CutsAsAClientDoes(string text, string[] lines, string rest)
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync("/");

        var result = await visit.Page.EvaluateAsync<string[]>(
            "async text => { const { lines, rest } = (await import('/wire-lines.js')).splitLines(text); "
            + "return [...lines.map(({ line }) => line), rest]; }",
            text);

        result.Should().Equal([.. lines, rest]);
    }

    private static ILocator Lines(Visit visit, string kind) => visit.Page.Locator($"wire-view [data-kind={kind}] code");

    [GeneratedRegex(@"^Go on \([3-9] held\)$|^Go on \(\d\d+ held\)$")]
    private static partial Regex GoOn();

    [GeneratedRegex(@"^retry: \d+\s*$")]
    private static partial Regex RetryLine();
}
