using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The memory of a history, measured while no other test allocates.</summary>
[Collection(nameof(Alone))]
public sealed class ChannelHistoryMemoryTests
{
    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_ManyUpdatesOfFewKeys_StaySmallAndWithoutAGap()
    {
        var history = new TestedHistory(new() { LatestByKey = true, Capacity = 16 });
        history.Append("first");
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var n = 1; n <= 200_000; n++) history.Append($"{n}", key: $"{n % 4}");

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(
            16_000_000, "200,000 messages would take 20 MB and more");
        history.Size.Messages.Should().Be(5);
        history.DataAfter(0).Should().Equal("first", "199997", "199998", "199999", "200000");
        GC.KeepAlive(history);
    }
}
