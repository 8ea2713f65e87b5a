using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed partial class DeadConnectionTests(Chromium chromium)
{
    private const string Path = "/demos/dead-connection.html";

    [Fact(Timeout = 60_000)]
    public async Task Dead_BothConnections_ModuleResumesWithNothingMissingAndEventSourceWaits()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);

        await visit.Page.ClickAsync("#kill");

        await Expect(visit.Page.Locator("#module .told li")).ToHaveTextAsync(BackWithNothingMissing());
        await Expect(visit.Page.Locator("#plain .state")).ToHaveTextAsync(FarBehind());
        await Expect(visit.Page.Locator("#plain .silence")).ToHaveTextAsync(SilentAndOpen());
        await Expect(visit.Page.Locator("#module .silence")).ToContainTextAsync("Last message 0 s ago");
        await Expect(visit.Page.Locator("#module .tally")).ToHaveTextAsync(NothingMissing());
        visit.RequestsTo("/dead-connection").Should().Be(4, "of the two streams, of the button, and of the module that resumes");
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Dead_EventSourceIsOpenedByHand_PricesAgain()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await StartAsync(app);
        await visit.Page.ClickAsync("#kill");
        await Expect(visit.Page.Locator("#plain .state")).ToHaveTextAsync(FarBehind());

        await visit.Page.ClickAsync("#again");

        await Expect(visit.Page.Locator("#plain .state")).ToHaveTextAsync(Level());
        await Expect(visit.Page.Locator("#plain .tally")).ToHaveTextAsync(NothingMissing());
    }

    private async Task<Visit> StartAsync(ShowcaseApp app)
    {
        var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        foreach (var panel in new[] { "#plain", "#module" })
        {
            await Expect(visit.Page.Locator($"{panel} .tally")).ToHaveTextAsync(NothingMissing());
            await Expect(visit.Page.Locator($"{panel} .silence")).ToHaveTextAsync("Last message 0 s ago. readyState: OPEN");
        }

        return visit;
    }

    [GeneratedRegex(@"^Away for \d+\.\d s\. The first message after it is number \d+, right after \d+: nothing is missing\.$")]
    private static partial Regex BackWithNothingMissing();

    [GeneratedRegex(@"^[\d,]+ messages since number \d+: none missing, none twice\.$")]
    private static partial Regex NothingMissing();

    [GeneratedRegex(@"^\d\d\d messages behind$")]
    private static partial Regex FarBehind();

    [GeneratedRegex(@"^Last message [1-9]\d* s ago\. readyState: OPEN$")]
    private static partial Regex SilentAndOpen();

    [GeneratedRegex(@"^\d messages? behind$")]
    private static partial Regex Level();
}
