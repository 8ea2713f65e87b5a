using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using Showcase;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

/// <summary>What holds for every page: a demo that is added is tested here without another line.</summary>
public sealed class PagesTests(Chromium chromium)
{
    public static TheoryData<string> Pages => ["/", .. DemoList.All.Select(demo => demo.Url)];

    [Fact(Timeout = 60_000)]
    public async Task Home_EveryDemo_IsListedAndItsLinkWorks()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync("/");

        await Expect(visit.Page.Locator("demo-cards a")).ToHaveTextAsync(DemoList.All.Select(demo => demo.Title));
        foreach (var demo in DemoList.All)
        {
            await visit.Page.GotoAsync("/");
            await visit.Page.Locator("demo-cards").GetByRole(AriaRole.Link, new() { Name = demo.Title }).ClickAsync();
            await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(demo.Title);
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Pages))]
    public async Task Page_Running_HasNoErrorsAndAsksNoOtherHost(string path)
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await RunAsync(visit, path);

        visit.Errors.Should().BeEmpty();
        visit.Requests.Should().OnlyContain(request => request.Authority == app.Address.Authority);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Pages))]
    public async Task Page_PhoneWidth_DoesNotScrollSideways(string path)
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app, width: 360);

        await RunAsync(visit, path);

        (await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().Be(360);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Pages))]
    public async Task Page_Any_HasLandmarksOneHeadingAndNamedControls(string path)
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);

        await RunAsync(visit, path);

        await Expect(visit.Page.GetByRole(AriaRole.Banner)).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByRole(AriaRole.Main)).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByRole(AriaRole.Contentinfo)).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Demos" })).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
        (await visit.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('button')].filter(button => !button.textContent.trim()).length")).Should().Be(0);
        (await visit.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('input, progress')].filter(control => !control.labels.length).length")).Should().Be(0);
    }

    // Until its code is shown and its wire view has lines; a demo that needs a click to begin gets it.
    private static async Task RunAsync(Visit visit, string path)
    {
        await visit.Page.GotoAsync(path);
        await Expect(visit.Page.Locator("demo-nav a")).ToHaveCountAsync(DemoList.All.Count);
        await Expect(visit.Page.Locator("source-code:not(:has(code))")).ToHaveCountAsync(0);
        if (await visit.Page.Locator("#start").IsVisibleAsync()) await visit.Page.ClickAsync("#start");
        var connect = visit.Page.Locator("wire-view [name=connect]");
        if (await connect.TextContentAsync() == "Connect") await connect.ClickAsync();
        await Expect(visit.Page.Locator("wire-view li").Nth(3)).ToBeAttachedAsync();
    }
}
