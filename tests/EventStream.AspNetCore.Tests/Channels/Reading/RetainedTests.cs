using EventStream.AspNetCore.Tests.Channels.Http;

namespace EventStream.AspNetCore.Tests.Channels.Reading;

/// <summary>What a channel in memory retains, as a list; and what only looks at a channel, and makes none.</summary>
public sealed class RetainedTests
{
    [Fact(Timeout = 30_000)]
    public async Task GetRetained_OldestFirstAndWithoutMessagesForOneUser()
    {
        using var hub = new LoneHub(options => options.Capacity = 4);
        var channel = hub.GetChannel("prices");
        await channel.SayManyAsync(3);
        await channel.SayAsync("for ann", new() { User = "ann" });
        var newest = await channel.SayAsync("m5");

        var all = await channel.GetRetainedAsync();
        var ann = await channel.GetRetainedAsync(new EventStreamSubscriptionOptions { User = "ann", Start = EventStreamStart.Last(2) });

        all.Select(entry => entry.Data).Should().Equal("m2", "m3", "m5");
        all[^1].Position.ToString().Should().Be(newest);
        ann.Select(entry => entry.Data).Should().Equal("for ann", "m5");
    }

    [Fact(Timeout = 30_000)]
    public async Task GetRetained_LatestByKey_OneOfEachKey()
    {
        using var hub = new LoneHub(options => options.LatestByKey = true);
        var channel = hub.GetChannel("prices");
        foreach (var key in "aba") await channel.SayAsync($"{key}", new() { Key = $"{key}" });

        (await channel.GetRetainedAsync()).Select(entry => (entry.Data, entry.Position.Sequence)).Should().Equal(("b", 2L), ("a", 3L));
    }

    [Fact(Timeout = 30_000)]
    public async Task Look_AtAChannelOfAPatternThatWasDropped_MakesNone()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("orders-1");
        await channel.PublishAsync("one");
        await channel.CompleteAsync();
        hub.Time.Advance(TimeSpan.FromHours(2));
        hub.Hub.Registry.Sweep();

        channel.Newest.Should().BeNull();
        channel.TotalSubscriberCount.Should().Be(0);
        (await channel.GetRetainedAsync()).Should().BeEmpty();
        (await channel.GetNewestAsync()).Sequence.Should().Be(0);
        hub.Hub.Channels.Should().BeEmpty();
    }
}
