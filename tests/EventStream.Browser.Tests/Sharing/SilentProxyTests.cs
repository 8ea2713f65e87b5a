using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>A proxy that forgets its connections, and closes none, is noticed in the time that the page has set.</summary>
[Collection(nameof(Tabs))]
public sealed class SilentProxyTests(Renderers renderers)
{
    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Proxy_GoesSilent_StreamNoticesResumesAndMissesNothing(bool shared)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        await using var proxy = new Proxy(() => null) { Target = tabs.Server.Address };
        var tab = await tabs.OpenAsync("one", proxy.Address);
        await tab.StartAsync("/numbers/prices", new { shared, silenceTimeout = 1_000 });
        await tab.SeenAsync("open");
        await tabs.Server.PublishAsync(1, 5);
        await tab.SeenAsync(5);

        proxy.DropPackets();
        await tabs.Server.PublishAsync(6, 10);
        await tab.SeenAsync("error");
        (await tab.NumbersAsync()).Should().EndWith(5, "nothing comes through the proxy");
        proxy.Revive();

        await tab.ShouldHaveSeenAsync(1, 10);
        (await tab.RecordAsync()).Should().NotContain(seen => seen.Type == "stream-gap" || seen.Type == "closed");
    }

    [Fact(Timeout = 60_000)]
    public async Task Proxy_GoesSilent_EventSourceNoticesNothing()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        await using var proxy = new Proxy(() => null) { Target = tabs.Server.Address };
        var tab = await tabs.OpenAsync("one", proxy.Address);
        await tab.Page.EvaluateAsync("""
            () => new Promise(opened => {
              window.plain = new EventSource("/numbers/prices");
              plain.onopen = opened;
              plain.onerror = () => window.hasNoticed = true;
            })
            """).OrFail();

        proxy.DropPackets();
        await tab.StartAsync("/numbers/prices", new { shared = false, silenceTimeout = 1_000 });
        await tab.SeenAsync("error");

        (await tab.Page.EvaluateAsync<bool>("() => plain.readyState === EventSource.OPEN && !window.hasNoticed")).Should().BeTrue();
    }
}
