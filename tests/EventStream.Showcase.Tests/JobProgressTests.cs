using EventStream.Showcase.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace EventStream.Showcase.Tests;

public sealed class JobProgressTests(Chromium chromium)
{
    private const string Path = "/demos/job-progress.html";

    private static readonly IEnumerable<string> AllIds = [.. Enumerable.Range(1, 24).Select(number => $"{number}"), "24.end"];

    [Fact(Timeout = 60_000)]
    public async Task Start_NothingInterrupts_ProgressCompletes()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);

        await visit.Page.ClickAsync("#start");

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        await Expect(visit.Page.Locator("#progress")).ToHaveJSPropertyAsync("position", 1);
        await Expect(visit.Page.Locator("#verdict")).ToHaveTextAsync("24 steps arrived: none twice, none missing.");
        (await IdsAsync(visit)).Should().Equal(AllIds);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Reload_InTheMiddle_NoStepTwiceAndNoneMissing()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await visit.Page.ClickAsync("#start");
        await PrintAsync(pace, 10);
        await Expect(visit.Page.Locator("#count")).ToHaveTextAsync("10 of 24");

        var resume = visit.Page.WaitForRequestAsync(request => request.Url.EndsWith("/progress", StringComparison.Ordinal));
        await visit.Page.ReloadAsync();
        (await (await resume).HeaderValueAsync("Last-Event-ID")).Should().Be("10");
        await PrintAsync(pace, 14);

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        (await IdsAsync(visit)).Should().Equal(AllIds);
        visit.Errors.Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task LookAway_JobContinues_StepsOfThatTimeArriveLater()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await visit.Page.ClickAsync("#start");
        await PrintAsync(pace, 5);
        await Expect(visit.Page.Locator("#count")).ToHaveTextAsync("5 of 24");

        await visit.Page.ClickAsync("#look");
        await PrintAsync(pace, 19);
        await Expect(visit.Page.Locator("#count")).ToHaveTextAsync("5 of 24");
        await visit.Page.ClickAsync("#look");

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        (await IdsAsync(visit)).Should().Equal(AllIds);
    }

    [Fact(Timeout = 60_000)]
    public async Task LookAway_PageIsReloaded_DoesNotAskBeforeItLooksAgain()
    {
        var pace = new HeldPace();
        await using var app = ShowcaseApp.Start(pace);
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await visit.Page.ClickAsync("#start");
        await PrintAsync(pace, 5);
        await Expect(visit.Page.Locator("#count")).ToHaveTextAsync("5 of 24");
        await visit.Page.ClickAsync("#look");
        await PrintAsync(pace, 19);

        visit.Requests.Clear();
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Nobody watches; the job goes on");
        visit.Requests.Should().NotContain(request => request.AbsolutePath.EndsWith("/progress"));
        await visit.Page.ClickAsync("#look");

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        (await IdsAsync(visit)).Should().Equal(AllIds);
    }

    [Fact(Timeout = 60_000)]
    public async Task Reload_JobIsDone_ShowsItWithoutAskingAgain()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        await visit.Page.GotoAsync(Path);
        await visit.Page.ClickAsync("#start");
        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        visit.Requests.Clear();

        await visit.Page.ReloadAsync();

        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("Done");
        (await IdsAsync(visit)).Should().Equal(AllIds);
        visit.Requests.Should().NotContain(request => request.AbsolutePath.EndsWith("/progress"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Watch_UnknownJob_404AndThePageReportsIt()
    {
        await using var app = ShowcaseApp.Start();
        await using var visit = await Visit.StartAsync(chromium, app);
        var answer = visit.Page.WaitForResponseAsync(response => response.Url.EndsWith("/jobs/nobody/progress", StringComparison.Ordinal));

        await visit.Page.GotoAsync(Path + "#nobody");

        (await answer).Status.Should().Be(404);
        await Expect(visit.Page.Locator(".card .state")).ToHaveTextAsync("The server does not know this job");
    }

    private static async Task PrintAsync(HeldPace pace, int pages)
    {
        for (var page = 0; page < pages; page++) await pace.ReleaseAsync();
    }

    private static async Task<IEnumerable<string?>> IdsAsync(Visit visit) =>
        await visit.Page.Locator("#steps [data-id]").EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.id)");
}
