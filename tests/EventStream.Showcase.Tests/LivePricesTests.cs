using System.Text.Json;
using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;
using Showcase.Trading;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed partial class LivePricesTests(Chromium chromium)
{
    private const string Path = "/demos/live-prices.html";

    // Beside the page's own count, which these tests do not take on trust.
    private const string RecordPrices = """
        window.prices = [];
        window.EventSource = class extends EventSource {
          constructor(url) {
            super(url);
            if (url.includes("tab=")) this.addEventListener("message", message => window.prices.push(message.data));
          }
        };
        """;

    [Fact(Timeout = 60_000)]
    public async Task Prices_TwoTabs_GetTheSame()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);
        await visit.Page.GotoAsync(Path);
        var other = await visit.Page.Context.NewPageAsync();
        await other.GotoAsync(Path);

        await ReadAsync(visit.Page, 40);
        await ReadAsync(other, 40);

        var here = await PricesAsync(visit.Page);
        var there = await PricesAsync(other);
        var (first, last) = (Math.Max(here[0].Number, there[0].Number), Math.Min(here[^1].Number, there[^1].Number));
        Common(here).Should().HaveCountGreaterThan(20).And.Equal(Common(there));
        visit.Errors.Should().BeEmpty();

        IEnumerable<Price> Common(IEnumerable<Price> prices) => prices.Where(price => price.Number >= first && price.Number <= last);
    }

    [Fact(Timeout = 60_000)]
    public async Task Cut_TenBeats_ResumesWithNothingMissingAndReportsIt()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);
        await visit.Page.GotoAsync(Path);
        await ReadAsync(visit.Page, 10);

        await visit.Page.ClickAsync("#cut");

        await Expect(visit.Page.Locator("#live .state")).ToContainTextAsync("No connection for");
        await Expect(visit.Page.Locator("#live .told li")).ToHaveTextAsync(BackWithNothingMissing());
        await Expect(visit.Page.Locator("#live .tally")).ToHaveTextAsync(NothingMissing());
        await AllArrivedOnceAsync(visit);
        visit.RequestsTo("/prices").Should().BeGreaterThan(2, "it was told to come back later at least once");
    }

    [Fact(Timeout = 60_000)]
    public async Task Offline_AndBack_NothingMissing()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);
        await visit.Page.GotoAsync(Path);
        await ReadAsync(visit.Page, 10);
        var tab = visit.Requests.Single(request => request.AbsolutePath == "/prices").Query["?tab=".Length..];

        // Chromium's offline mode refuses new connections, and leaves those that are open.
        await visit.Page.Context.SetOfflineAsync(true);
        app.Services.GetRequiredService<Cuts>().TryCut(tab).Should().BeTrue();
        await Expect(visit.Page.Locator("#live .state")).ToContainTextAsync("No connection for");
        var seen = (await PricesAsync(visit.Page)).Count;
        await PublishedAsync(app, 200);
        (await PricesAsync(visit.Page)).Should().HaveCount(seen);
        await visit.Page.Context.SetOfflineAsync(false);

        await Expect(visit.Page.Locator("#live .told li")).ToHaveTextAsync(BackWithNothingMissing());
        await Expect(visit.Page.Locator("#live .tally")).ToHaveTextAsync(NothingMissing());
        (await PricesAsync(visit.Page)).Should().HaveCountGreaterThan(seen + 200);
        await AllArrivedOnceAsync(visit);
    }

    [Fact(Timeout = 60_000)]
    public async Task ReadSlowly_FallsOffTheLog_GapIsSentAndTheOthersMissNothing()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);
        await visit.Page.GotoAsync(Path);

        await visit.Page.CheckAsync("#slowly");

        await Expect(visit.Page.Locator("#slow .told li")).ToHaveTextAsync([SlowGap(), SlowGap(), SlowGap()]);
        await Expect(visit.Page.Locator("#slow .tally")).ToHaveTextAsync(NoMoreMissing());
        await Expect(visit.Page.Locator("#live .tally")).ToHaveTextAsync(NothingMissing());
        await AllArrivedOnceAsync(visit);
        visit.Errors.Should().BeEmpty();
    }

    private async Task<Visit> StartAsync(ShowcaseApp app)
    {
        var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.Context.AddInitScriptAsync(RecordPrices);
        return visit;
    }

    private static async Task ReadAsync(IPage page, int prices) =>
        await page.WaitForFunctionAsync("count => window.prices?.length >= count", prices);

    private static async Task AllArrivedOnceAsync(Visit visit)
    {
        var numbers = (await PricesAsync(visit.Page)).Select(price => price.Number).ToList();
        numbers.Should().Equal(Enumerable.Range(0, numbers.Count).Select(index => numbers[0] + index));
    }

    private static async Task<IReadOnlyList<Price>> PricesAsync(IPage page) =>
        [.. (await page.EvaluateAsync<string[]>("window.prices"))
            .Select(json => JsonSerializer.Deserialize<Price>(json, JsonSerializerOptions.Web)!)];

    private static async Task PublishedAsync(ShowcaseApp app, int prices)
    {
        var channel = app.Services.GetRequiredService<EventStreamHub>().GetChannel("prices");
        var enough = channel.Newest!.Value.Sequence + prices;
        while (channel.Newest!.Value.Sequence < enough) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"^Away for \d+\.\d s\. The first message after it is number \d+, right after \d+: nothing is missing\.$")]
    private static partial Regex BackWithNothingMissing();

    [GeneratedRegex(@"^[\d,]+ messages since number \d+: none missing, none twice\.$")]
    private static partial Regex NothingMissing();

    [GeneratedRegex(@"^stream-gap: [1-9]\d* messages? lost, number \d+ to \d+\. Reason: slow\.$")]
    private static partial Regex SlowGap();

    [GeneratedRegex(@"^[\d,]+ messages, [1-9]\d* lost in \d+ gaps, each told: none more missing, none twice\.$")]
    private static partial Regex NoMoreMissing();
}
