using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>How subscribers are spread over the shards that wake them.</summary>
public sealed class SubscriberListTests
{
    [Fact(Timeout = 30_000)]
    public async Task Add_EachReplacesOneThatLeft_ShardsStayEven()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("busy");
        await using var only = (Subscriber)LoneHub.Open(subscription: null, lastEventId: null, channel);
        var list = new SubscriberList();
        var shards = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ =>
        {
            var shard = list.Add(only);
            list.Remove(only);
            return shard;
        }).ToList();

        shards.GroupBy(shard => shard).Should().HaveCount(Environment.ProcessorCount).And.OnlyContain(group => group.Count() == 2);
    }
}
