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

    [Fact(Timeout = 60_000)]
    public async Task Logout_WhileAPageIsInTheBackForwardCache_ItIsClosedWhenItComesBack()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var two = await tabs.StartAsync("/numbers/prices", null, "one", "two");
        await two[0].LeaveAsync();
        await tabs.Server.OneConnectionAsync("two");
        var requests = tabs.Server.Connections.Count;

        await two[1].Page.EvaluateAsync("() => EventStream.logout('user')");
        await two[1].SeenAsync("closed", "logout");
        await two[0].ReturnAsync();

        await two[0].SeenAsync("closed", "logout");
        tabs.Server.Connections.Should().HaveCount(requests, "the page that came back asks for nothing");
    }

    [Fact(Timeout = 60_000)]
    public async Task Logout_WithoutWebLocks_ClosesTheStreamsOfAllTabs()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        SharingTab[] two = [await tabs.OpenAsync("one"), await tabs.OpenAsync("two")];
        foreach (var tab in two)
        {
            await tab.Page.EvaluateAsync("() => Object.defineProperty(navigator, 'locks', { value: undefined })");
            await tab.StartAsync("/numbers/prices");
            await tab.SeenAsync("open");
        }

        await two[1].Page.EvaluateAsync("() => EventStream.logout('user')");

        foreach (var tab in two) await tab.SeenAsync("closed", "logout");
        await Soon.Until(() => tabs.Server.OpenConnections.Count == 0, "no connection is left");
    }

    [Fact(Timeout = 60_000)]
    public async Task Logout_OfAnIdentity_AnotherThatBeginsWithItGoesOn()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var first = (await tabs.StartAsync("/numbers/prices", new { identity = 1 }, "one"))[0];
        var second = (await tabs.StartAsync("/numbers/prices", new { identity = 12 }, "two"))[0];

        await second.Page.EvaluateAsync("() => EventStream.logout(1)");
        await first.SeenAsync("closed", "logout");
        await tabs.Server.PublishAsync(1, 3);

        await second.ShouldHaveSeenAsync(1, 3);
    }
}
