namespace EventStream.Browser.Tests.Sharing;

/// <summary>An end that holds for the leading tab holds for all.</summary>
[Collection(nameof(Tabs))]
public sealed class EndTests(Renderers renderers)
{
    [Theory(Timeout = 60_000)]
    [InlineData(401, "status 401")]
    [InlineData(204, "no-content 204")]
    public async Task Server_AnswersWithAStatus_AllTabsAreClosedAfterOneRequest(int status, string reason)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/numbers/prices", null, "one", "two", "three");
        await tabs.Server.OneConnectionAsync("one");
        var requests = tabs.Server.Connections.Count;

        tabs.Server.Status = status;
        tabs.Server.Cut("one");

        foreach (var tab in three) await tab.SeenAsync("closed", reason);
        tabs.Server.Connections.Should().HaveCount(requests + 1, "no other tab asks again");
    }

    [Fact(Timeout = 60_000)]
    public async Task Channel_IsComplete_AllTabsAreClosedAndNoneAsksAgain()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/numbers/prices", null, "one", "two", "three");
        await tabs.Server.PublishAsync(1, 3);
        foreach (var tab in three) await tab.SeenAsync(3);
        await tabs.Server.OneConnectionAsync("one");
        var requests = tabs.Server.Connections.Count;

        await tabs.Server.Channel().CompleteAsync();

        foreach (var tab in three)
        {
            await tab.SeenAsync("closed", "end");
            (await tab.RecordAsync()).Select(seen => seen.Type).TakeLast(3).Should().Equal("message", "stream-end", "closed");
        }

        tabs.Server.Connections.Should().HaveCount(requests, "no other tab asks again");
    }

    [Fact(Timeout = 60_000)]
    public async Task LeadingTab_IsRefused_TabThatIsBehindGoesOnByItself()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/named/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 1);
        await first.SeenAsync(1);
        var late = (await tabs.StartAsync("/named/prices", null, "two"))[0];
        await late.SeenAsync("state", "1");

        tabs.Server.Status = 401;
        tabs.Server.Cut("one");
        await first.SeenAsync("closed", "status 401");
        await tabs.Server.PublishAsync(2, 3);

        await late.ShouldHaveSeenAsync(2, 3);
    }

    [Fact(Timeout = 60_000)]
    public async Task Close_OfAFollowingTab_OthersGoOn()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var three = await tabs.StartAsync("/numbers/prices", null, "one", "two", "three");

        await three[1].CloseStreamAsync();
        await tabs.Server.PublishAsync(1, 5);

        await three[0].ShouldHaveSeenAsync(1, 5);
        await three[2].ShouldHaveSeenAsync(1, 5);
        (await three[1].RecordAsync()).Select(seen => seen.Type).Should().Equal("open", "closed");
    }
}
