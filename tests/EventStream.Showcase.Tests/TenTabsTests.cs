using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed partial class TenTabsTests(Chromium chromium)
{
    private const string Path = "/demos/ten-tabs.html";

    [Fact(Timeout = 60_000)]
    public async Task Shared_TenTabs_AllGetThePricesByOneConnection()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await visit.Page.GotoAsync(Path);

        await AllGetThePricesAsync(visit, 10);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Plain_TenTabs_TheSeventhAndEveryOtherRequestWaitUntilTheSwitchGoesBack()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await AllGetThePricesAsync(visit, 10);

        await visit.Page.CheckAsync("#plain");

        await Expect(visit.Page.Locator("#request")).ToHaveTextAsync(Waits());
        await Expect(visit.Page.Locator("#live")).ToHaveTextAsync("6");
        await Expect(visit.Page.Locator("#connections")).ToHaveTextAsync("6");
        await visit.Page.UncheckAsync("#plain");
        await AllGetThePricesAsync(visit, 10);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Close_TheTabWithTheConnection_AnotherOpensItAndNoneMissesAPrice()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        var streams = new ConcurrentDictionary<IRequest, bool>();
        visit.Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/ten-tabs", StringComparison.Ordinal)) streams[request] = true;
        };
        visit.Page.RequestFailed += (_, request) => streams.TryRemove(new(request, true));
        await visit.Page.GotoAsync(Path);
        await AllGetThePricesAsync(visit, 10);

        var tab = await streams.Keys.Should().ContainSingle().Which.Frame.FrameElementAsync();
        await tab.EvaluateAsync("frame => frame.parentElement.querySelector('button').click()");

        await AllGetThePricesAsync(visit, 9);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Open_InATabOfItsOwn_SharesTheConnection()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await AllGetThePricesAsync(visit, 10);

        var tab = await visit.Page.Context.RunAndWaitForPageAsync(() => visit.Page.ClickAsync("a[target=_blank]"));

        await Expect(tab.Locator("#number")).ToHaveTextAsync(NothingMissing());
        await AllGetThePricesAsync(visit, 10);
    }

    private static async Task AllGetThePricesAsync(Visit visit, int tabs)
    {
        await Expect(visit.Page.Locator("#count")).ToHaveTextAsync($"{tabs}");
        await Expect(visit.Page.Locator("#live")).ToHaveTextAsync($"{tabs}");
        await Expect(visit.Page.Locator("#connections")).ToHaveTextAsync("1");
        await Expect(visit.Page.Locator("#request")).ToHaveTextAsync(Answered());
        for (var tab = 0; tab < tabs; tab++)
        {
            var number = visit.Page.Locator("iframe").Nth(tab).ContentFrame.Locator("#number");
            var before = await number.TextContentAsync();
            await Expect(number).Not.ToHaveTextAsync(before!);
            await Expect(number).ToHaveTextAsync(NothingMissing());
        }
    }

    [GeneratedRegex(@"^№ \d+, none missing, none twice$")]
    private static partial Regex NothingMissing();

    [GeneratedRegex(@"^\d+ ms$")]
    private static partial Regex Answered();

    [GeneratedRegex(@"^waits [1-9]\d* s$")]
    private static partial Regex Waits();
}
