using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed partial class ChannelListTests(Chromium chromium)
{
    private const string Path = "/demos/channels.html";

    [Fact(Timeout = 60_000)]
    public async Task Channels_TabsComeAndGo_CountsFollow()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await Expect(Figure(visit, "prices", "subscribers")).ToHaveTextAsync("0");
        await Expect(Figure(visit, "channel-stats", "subscribers")).ToHaveTextAsync("1");

        var tabs = new[] { await visit.Page.Context.NewPageAsync(), await visit.Page.Context.NewPageAsync() };
        await tabs[0].GotoAsync("/demos/live-prices.html");
        await Expect(Figure(visit, "prices", "subscribers")).ToHaveTextAsync("1");
        await tabs[1].GotoAsync("/demos/live-prices.html");
        await Expect(Figure(visit, "prices", "subscribers")).ToHaveTextAsync("2");
        await tabs[0].CloseAsync();
        await Expect(Figure(visit, "prices", "subscribers")).ToHaveTextAsync("1");
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Channels_SlowReader_LagIsShown()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await Expect(Figure(visit, "prices-brief", "lag")).ToHaveTextAsync("0");

        var tab = await visit.Page.Context.NewPageAsync();
        await tab.GotoAsync("/demos/live-prices.html");
        await tab.CheckAsync("#slowly");

        await Expect(Figure(visit, "prices-brief", "lag")).ToHaveTextAsync(More());
    }

    [Fact(Timeout = 60_000)]
    public async Task Channels_Open_ListsWhatTheHubHas()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);

        await Expect(visit.Page.Locator("tbody th")).ToHaveTextAsync(["channel-stats", "connections", "prices", "prices-brief"]);

        var brief = app.Services.GetRequiredService<EventStreamHub>().GetChannel("prices-brief");
        await Expect(Figure(visit, "prices-brief", "messages")).ToHaveTextAsync("24");
        await Expect(Figure(visit, "prices-brief", "newest"))
            .ToHaveTextAsync(new Regex($"^{brief.Newest!.Value.ToString().Split('-')[0]}-\\d+$"));
        await Expect(Figure(visit, "channel-stats", "messages")).ToHaveTextAsync("1");
    }

    private static ILocator Figure(Visit visit, string channel, string figure) =>
        visit.Page.Locator($"tr[data-name='{channel}'] .{figure}");

    [GeneratedRegex(@"^[1-9]\d*$")]
    private static partial Regex More();
}
