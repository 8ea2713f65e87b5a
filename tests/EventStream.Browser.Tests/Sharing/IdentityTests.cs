namespace EventStream.Browser.Tests.Sharing;

/// <summary>Tabs share for one identity only, and a logout ends its streams in all of them.</summary>
[Collection(nameof(Tabs))]
public sealed class IdentityTests(Renderers renderers)
{
    private static readonly object Ann = new { identity = "ann", persist = true };
    private static readonly object Bob = new { identity = "bob", persist = true };

    [Fact(Timeout = 60_000)]
    public async Task TwoIdentities_OneUrl_NeverSeeEachOthersMessages()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var ann = await tabs.StartAsync("/named/prices", Ann, "ann 1", "ann 2");
        var bob = await tabs.StartAsync("/named/prices", Bob, "bob 1", "bob 2");
        await tabs.Server.PublishAsync(1, 10);
        foreach (var tab in ann.Concat(bob)) await tab.SeenAsync(10);

        await ann[0].CloseAsync();
        await tabs.Server.PublishAsync(11, 20);
        await bob[0].CrashAsync();
        await tabs.Server.PublishAsync(21, 30);

        await ann[1].ShouldHaveSeenAsync(1, 30);
        await bob[1].ShouldHaveSeenAsync(1, 30);
        (await ann[1].CarriersAsync()).Should().OnlyContain(tab => tab == "ann");
        (await bob[1].CarriersAsync()).Should().OnlyContain(tab => tab == "bob");
    }

    [Fact(Timeout = 60_000)]
    public async Task Logout_InOneTab_EndsTheStreamsOfTheIdentityInAllTabs()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var ann = await tabs.StartAsync("/numbers/prices", Ann, "ann 1", "ann 2", "ann 3");
        var bob = (await tabs.StartAsync("/numbers/prices", Bob, "bob"))[0];
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in ann.Append(bob)) await tab.SeenAsync(5);
        var requests = tabs.Server.Connections.Count;

        await ann[1].Page.EvaluateAsync("() => EventStream.logout('ann')");

        foreach (var tab in ann)
        {
            await tab.SeenAsync("closed", "logout");
            (await tab.PositionsAsync()).Should().Be(0);
        }

        await tabs.Server.OneConnectionAsync("bob");
        await tabs.Server.PublishAsync(6, 10);
        await bob.ShouldHaveSeenAsync(1, 10);
        (await bob.PositionsAsync()).Should().Be(1);
        tabs.Server.Connections.Should().HaveCount(requests, "no tab asks again");
    }

    [Fact(Timeout = 60_000)]
    public async Task Logout_LeadingTabIsFrozen_ItDeliversNothingMoreWhenItWakes()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var ann = await tabs.StartAsync("/numbers/prices", Ann, "ann 1", "ann 2");
        await tabs.Server.PublishAsync(1, 5);
        foreach (var tab in ann) await tab.SeenAsync(5);
        await tabs.Server.OneConnectionAsync("ann 1");

        await ann[0].FreezeAsync();
        await ann[1].Page.EvaluateAsync("() => EventStream.logout('ann')");
        await ann[1].SeenAsync("closed", "logout");
        await tabs.Server.PublishAsync(6, 10);
        await ann[0].ThawAsync();

        await ann[0].SeenAsync("closed", "logout");
        await Soon.Until(() => tabs.Server.OpenConnections.Count == 0, "no connection is left");
        (await ann[0].NumbersAsync()).Should().Equal(1, 2, 3, 4, 5);
    }
}
