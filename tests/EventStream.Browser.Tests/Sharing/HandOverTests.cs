namespace EventStream.Browser.Tests.Sharing;

/// <summary>Another tab takes over when the leading one goes, and no tab loses a message or sees one twice.</summary>
[Collection(nameof(Tabs))]
public sealed class HandOverTests(Renderers renderers)
{
    [Fact(Timeout = 60_000)]
    public Task LeadingTab_Closes_NextTakesOver() => HandOverAsync(tab => tab.CloseAsync());

    [Fact(Timeout = 60_000)]
    public Task LeadingTab_ClosesItsStream_NextTakesOver() => HandOverAsync(tab => tab.CloseStreamAsync());

    [Fact(Timeout = 60_000)]
    public Task LeadingTab_Crashes_NextTakesOver() => HandOverAsync(tab => tab.CrashAsync());

    [Fact(Timeout = 60_000)]
    public Task LeadingTab_Navigates_NextTakesOver() => HandOverAsync(tab => tab.LeaveAsync());

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_Crashes_NextMakesTheHeaders()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/named/prices", null, "one", "two", "three");
        await tabs.Server.PublishAsync(1, 1);
        await tabs.Server.OneConnectionAsync("one");
        await tabs.Server.PublishAsync(2, 5);
        foreach (var tab in three) await tab.SeenAsync(5);

        await three[0].CrashAsync();
        await tabs.Server.OneConnectionAsync("two");
        await tabs.Server.PublishAsync(6, 10);

        await three[2].ShouldHaveSeenAsync(1, 10);
        (await three[2].CarriersAsync()).TakeLast(8).Should().Equal("one", "one", "one", "two", "two", "two", "two", "two");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_Freezes_NextTakesOverAndItDeliversNothingOfItsConnectionWhenItWakes()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/named/prices", new { leaderTimeout = 2_000 }, "one", "two", "three");
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in three) await tab.SeenAsync(5);
        await tabs.Server.OneConnectionAsync("one");

        await three[0].FreezeAsync();
        await tabs.Server.PublishAsync(6, 10);
        await Task.WhenAny(three[1].SeenAsync(10), three[2].SeenAsync(10));
        await tabs.Server.PublishAsync(11, 15);
        await Task.WhenAll(three[1].SeenAsync(15), three[2].SeenAsync(15));
        await three[0].ThawAsync();
        await tabs.Server.PublishAsync(16, 20);

        foreach (var tab in three) await tab.ShouldHaveSeenAsync(1, 20);
        (await three[0].CarriersAsync()).Skip(5).Should().NotContain("one", "another tab leads since then");
        await Soon.Until(() => tabs.Server.OpenConnections is [{ Tab: not "one" }], "the connection of the tab that woke is closed");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_ReadsAnEventBeforeItHearsThatItWasReplaced_DeliversItOfTheNewOneOnly()
    {
        const string Write = "text => write(text)";
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var (first, second) = (await tabs.OpenAsync("one"), await tabs.OpenAsync("two"));
        foreach (var tab in new[] { first, second })
        {
            await tab.Page.EvaluateAsync("() => writeStream()");
            await tab.StartAsync("/written", new { leaderTimeout = 1_000 });
            await tab.SeenAsync("open");
        }

        await first.Page.EvaluateAsync(Write, "id: 1\ndata: 1 one\n\n");
        await second.SeenAsync(1);

        var blocked = first.Page.EvaluateAsync(
            """
            () => {
              const start = performance.now();
              while (performance.now() - start < 3000);
              write("id: 2\ndata: 2 one\n\n");
            }
            """);
        await second.Page.EvaluateAsync("() => connected").OrFail();
        await second.Page.EvaluateAsync(Write, "id: 2\ndata: 2 two\n\n");
        await blocked.OrFail();
        await second.Page.EvaluateAsync(Write, "id: 3\ndata: 3 two\n\n");

        foreach (var tab in new[] { first, second })
        {
            await tab.ShouldHaveSeenAsync(1, 3);
            (await tab.CarriersAsync()).Should().Equal("one", "two", "two");
        }

        (await second.Page.EvaluateAsync<string>("() => position")).Should().Be("1");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_FreezesBrieflyAndNobodyNotices_ItGoesOn()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");

        await two[0].FreezeAsync();
        await tabs.Server.PublishAsync(1, 5);
        await two[0].ThawAsync();

        foreach (var tab in two) await tab.ShouldHaveSeenAsync(1, 5);
        await tabs.Server.OneConnectionAsync("one");
        tabs.Server.Connections.Should().HaveCount(2, "the second tab had its own connection until it was level");
    }

    [Fact(Timeout = 60_000)]
    public async Task FollowingTab_FreezesAndWakes_SeesWhatCameMeanwhile()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");

        await two[1].FreezeAsync();
        await tabs.Server.PublishAsync(1, 50);
        await two[0].SeenAsync(50);
        await two[1].ThawAsync();

        await two[1].ShouldHaveSeenAsync(1, 50);
    }

    [Fact(Timeout = 60_000)]
    public async Task Connection_IsCut_LeadingTabReconnectsAndAllHearOfIt()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in two) await tab.SeenAsync(5);

        tabs.Server.Cut("one");
        await tabs.Server.PublishAsync(6, 10);

        foreach (var tab in two)
        {
            await tab.ShouldHaveSeenAsync(1, 10);
            (await tab.RecordAsync()).Select(seen => seen.Type).Where(type => type != "message").Should().Equal("open", "error", "open");
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_ItsTimersDoNotRun_AnotherTabHasItReconnect()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = await tabs.OpenAsync("one");
        await first.Page.EvaluateAsync("() => { window.setTimeout = () => 1; }");
        await first.StartAsync("/numbers/prices");
        await first.SeenAsync("open");
        var second = (await tabs.StartAsync("/numbers/prices", null, "two"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await second.SeenAsync(5);

        tabs.Server.Cut("one");
        await tabs.Server.PublishAsync(6, 10);

        await first.ShouldHaveSeenAsync(1, 10);
        await second.ShouldHaveSeenAsync(1, 10);
        await tabs.Server.OneConnectionAsync("one");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_ItsHeadersThrowWhatCannotBePosted_AllHearOfTheErrorAndThenGoOn()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in two) await tab.SeenAsync(5);

        await two[0].Page.EvaluateAsync("() => { window.onHeaders = () => { window.onHeaders = null; throw () => {}; }; }");
        tabs.Server.Cut("one");
        await tabs.Server.PublishAsync(6, 10);

        foreach (var tab in two)
        {
            await tab.ShouldHaveSeenAsync(1, 10);
            (await tab.RecordAsync()).Select(seen => seen.Type).Where(type => type != "message")
                .Should().Equal("open", "error", "error", "open");
        }
    }

    // It publishes before, while and after the tab goes.
    private async Task HandOverAsync(Func<SharingTab, Task> goes)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/numbers/prices", null, "one", "two", "three");
        await tabs.Server.PublishAsync(1, 20);
        foreach (var tab in three) await tab.SeenAsync(20);
        await tabs.Server.OneConnectionAsync("one");

        var gone = goes(three[0]);
        await tabs.Server.PublishAsync(21, 40);
        await gone;
        await tabs.Server.OneConnectionAsync("two");
        await tabs.Server.PublishAsync(41, 60);

        await three[1].ShouldHaveSeenAsync(1, 60);
        await three[2].ShouldHaveSeenAsync(1, 60);
        (await three[2].RecordAsync()).Should().NotContain(seen => seen.Type == "error", "a page does not notice that another tab goes");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_CannotMakeTheHeadersAnyMore_AnotherTabLeads()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");
        await tabs.Server.PublishAsync(1, 5);
        await tabs.Server.OneConnectionAsync("one");

        await two[0].Page.EvaluateAsync("() => { window.onHeaders = () => { throw new Error('no token'); }; }");
        tabs.Server.Cut("one");
        await tabs.Server.OneConnectionAsync("two");
        await tabs.Server.PublishAsync(6, 10);

        foreach (var tab in two) await tab.ShouldHaveSeenAsync(1, 10);
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_IsFrozenAndTheNextHasAClockThatIsBehind_TheOthersFollowIt()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/numbers/prices", null, "one"))[0];
        var patient = (await tabs.StartAsync("/numbers/prices", new { leaderTimeout = 600_000 }, "two"))[0];
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in new[] { first, patient }) await tab.SeenAsync(5);
        await tabs.Server.OneConnectionAsync("one");
        await first.FreezeAsync();

        var behind = await tabs.OpenAsync("three");
        await behind.Page.EvaluateAsync("() => { Date.now = () => 1; }");
        await behind.StartAsync("/numbers/prices", new { leaderTimeout = 1_000 });
        await behind.SeenAsync("open");
        await tabs.Server.PublishAsync(6, 10);

        await patient.ShouldHaveSeenAsync(1, 10);
    }
}
