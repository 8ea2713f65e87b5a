namespace EventStream.Browser.Tests.Sharing;

/// <summary>A tab that joins later sees what a new subscriber sees, and then shares the connection.</summary>
[Collection(nameof(Tabs))]
public sealed class JoiningTests(Renderers renderers)
{
    [Fact(Timeout = 60_000)]
    public async Task LateTab_StreamBeginsWithASnapshot_GetsTheSnapshotAndWhatFollows()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/named/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);

        var late = (await tabs.StartAsync("/named/prices", null, "two"))[0];
        await late.SeenAsync("state", "5");
        await tabs.Server.PublishAsync(6, 6);
        await late.SeenAsync(6);
        await tabs.Server.OneConnectionAsync("one");
        await tabs.Server.PublishAsync(7, 10);

        await late.ShouldHaveSeenAsync(6, 10);
        var record = await late.RecordAsync();
        record.Select(seen => seen.Type).Should().Equal("open", "state", "message", "message", "message", "message", "message");
        record[^1].Carrier.Should().Be("one");
        await first.ShouldHaveSeenAsync(1, 10);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/unnamed/prices")]
    [InlineData("/unnamed/prices?id=x")]
    public async Task LateTab_MessagesHaveNoIds_ReadsByItselfAndGetsTheSnapshotAndEachMessageOnce(string path)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync(path, null, "one"))[0];
        await first.SeenAsync("state", "0");
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);

        var late = (await tabs.StartAsync(path, null, "two"))[0];
        await late.SeenAsync("state", "5");
        await tabs.Server.PublishAsync(6, 30);

        await late.ShouldHaveSeenAsync(6, 30);
        await first.ShouldHaveSeenAsync(1, 30);
    }

    [Fact(Timeout = 60_000)]
    public async Task LateTab_StreamIsQuiet_SharesWithoutAMessage()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/numbers/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);

        await tabs.StartAsync("/numbers/prices", null, "two");

        await tabs.Server.OneConnectionAsync("one");
        tabs.Server.Connections.Select(connection => connection.Tab).Should().Equal("one", "two");
    }

    [Fact(Timeout = 60_000)]
    public async Task LateTab_HasAPosition_GetsWhatFollowsIt()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/numbers/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 50);
        await first.SeenAsync(50);
        var tenth = (await tabs.Server.Channel().GetRetainedAsync())[9].Position.ToString();

        var late = (await tabs.StartAsync("/numbers/prices", new { lastEventId = tenth }, "two"))[0];
        await late.SeenAsync(50);
        await tabs.Server.OneConnectionAsync("one");
        await tabs.Server.PublishAsync(51, 60);

        await late.ShouldHaveSeenAsync(11, 60);
    }

    [Fact(Timeout = 60_000)]
    public async Task LateTab_IsBehindWhenTheLeadingTabGoes_LeadsByTheConnectionThatItHas()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/named/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);
        var late = (await tabs.StartAsync("/named/prices", null, "two"))[0];
        await late.SeenAsync("state", "5");

        await first.CloseAsync();
        await tabs.Server.OneConnectionAsync("two");
        await tabs.Server.PublishAsync(6, 10);
        var third = (await tabs.StartAsync("/named/prices", null, "three"))[0];
        await third.SeenAsync("state", "10");
        await tabs.Server.PublishAsync(11, 15);

        await late.ShouldHaveSeenAsync(6, 15);
        await third.ShouldHaveSeenAsync(11, 15);
        tabs.Server.Connections.Select(connection => connection.Tab).Should().Equal("one", "two", "three");
    }

    [Fact(Timeout = 60_000)]
    public async Task LateTab_LeadingTabIsFrozen_ReadsByItselfUntilThatWakes()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/numbers/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);
        await first.FreezeAsync();

        var late = (await tabs.StartAsync("/numbers/prices", null, "two"))[0];
        await tabs.Server.PublishAsync(6, 10);
        await late.ShouldHaveSeenAsync(6, 10);
        await first.ThawAsync();
        await tabs.Server.OneConnectionAsync("one");
        await tabs.Server.PublishAsync(11, 15);

        await first.ShouldHaveSeenAsync(1, 15);
        await late.ShouldHaveSeenAsync(6, 15);
    }

    [Fact(Timeout = 60_000)]
    public async Task LateTab_LeadingTabStaysFrozen_TakesOverWithTheConnectionThatItHas()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var options = new { leaderTimeout = 3_000 };
        var first = (await tabs.StartAsync("/numbers/prices", options, "one"))[0];
        await tabs.Server.PublishAsync(1, 5);
        await first.SeenAsync(5);
        await first.FreezeAsync();

        var late = (await tabs.StartAsync("/numbers/prices", options, "two"))[0];
        var third = (await tabs.StartAsync("/numbers/prices", options, "three"))[0];
        await tabs.Server.PublishAsync(6, 10);
        await third.ShouldHaveSeenAsync(6, 10);
        await Soon.Until(() => tabs.Server.OpenConnections.Count == 2, "the frozen tab has a connection, and one of the others");
        await first.ThawAsync();
        await Soon.Until(() => tabs.Server.OpenConnections.Count == 1, "one connection is left");
        await tabs.Server.PublishAsync(11, 15);

        await first.ShouldHaveSeenAsync(1, 15);
        await late.ShouldHaveSeenAsync(6, 15);
        await third.ShouldHaveSeenAsync(6, 15);
        tabs.Server.Connections.Select(connection => connection.Tab)
            .Should().Equal(["one", "two", "three", "one"], "the tab that wakes catches up");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Tab_ReloadsWithPersist_SeesEveryMessageOnce(string reloads)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", new { persist = true }, "one", "two");
        await tabs.Server.PublishAsync(1, 10);
        foreach (var tab in two) await tab.SeenAsync(10);

        var reloaded = two.Single(tab => tab.Name == reloads).ReloadAsync();
        await tabs.Server.PublishAsync(11, 20);
        await reloaded;
        await tabs.Server.PublishAsync(21, 30);

        foreach (var tab in two) await tab.ShouldHaveSeenAsync(1, 30);
        await tabs.Server.OneConnectionAsync(reloads == "one" ? "two" : "one");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Tab_ComesBackFromTheCache_SeesEveryMessageOnce(string leaves)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");
        await tabs.Server.PublishAsync(1, 10);
        foreach (var tab in two) await tab.SeenAsync(10);
        var leaving = two.Single(tab => tab.Name == leaves);
        await leaving.Page.EvaluateAsync("() => window.isFromCache = true");

        await leaving.LeaveAsync();
        await tabs.Server.OneConnectionAsync(leaves == "one" ? "two" : "one");
        await tabs.Server.PublishAsync(11, 20);
        await leaving.ReturnAsync();
        await tabs.Server.PublishAsync(21, 30);

        (await leaving.Page.EvaluateAsync<bool>("() => window.isFromCache === true")).Should().BeTrue("the page is the same");
        foreach (var tab in two) await tab.ShouldHaveSeenAsync(1, 30);
        await Soon.Until(() => tabs.Server.OpenConnections.Count == 1, "one connection is left");
    }
}
