namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Subscribers change nodes while nodes are killed and the database is restarted.</summary>
[Collection(nameof(Alone))]
public sealed class ClusterChaosTests
{
    private const long Last = long.MaxValue;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTSTREAM_LONG_TESTS") == "1";

    [Fact(Timeout = 300_000)]
    public async Task Subscribers_OfNodesThatAreKilledAndADatabaseThatRestarts_GetAllThatWasAcknowledgedOnceAndInOneOrder()
    {
        var (subscriberCount, perSecond, seconds) = IsLong ? (300, 300, 60) : (40, 100, 15);
        await using var server = await PostgreSqlServer.CreateAsync();
        await using var cluster = await Cluster.StartAsync(await server.CreateDatabaseAsync(), nodes: 3, lifetime: 3);
        using var end = new CancellationTokenSource();
        var subscribers = Enumerable.Range(0, subscriberCount).Select(_ => new HoppingSubscriber()).ToArray();
        var reading = subscribers.Select(subscriber => Task.Run(() => subscriber.ReadAsync(cluster.Client, end.Token))).ToArray();
        var publishers = new Publishers(cluster.Client, count: 16, perSecond);

        var publishing = publishers.RunAsync(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(KillNodesAsync(cluster, publishing), RestartAsync(server, TimeSpan.FromSeconds(seconds / 3.0)));
        await publishing;
        (publishers.Acknowledged.Count + publishers.Unknown.Count()).Should().Be(perSecond * seconds);
        await publishers.PublishAsync(Last);
        await Soon.Until(
            () => subscribers.All(subscriber => subscriber.Newest == Last) || reading.Any(task => task.IsFaulted),
            "every subscriber has everything");
        if (reading.FirstOrDefault(task => task.IsFaulted) is { } broken) await broken;
        await end.CancelAsync();
        await Task.WhenAll(reading);

        var received = subscribers[0].Numbers;
        foreach (var subscriber in subscribers) subscriber.Numbers.Should().Equal(received, "there is one order");
        received.Should().OnlyHaveUniqueItems();
        received.Except(publishers.Unknown)
            .Should().Equal(
                InOrder(publishers.Acknowledged),
                "all acknowledged messages are there, and of the others only those with an unknown outcome");
        publishers.Failures.Should().BePositive("otherwise no kill hit a request");
        subscribers.Should().OnlyContain(subscriber => subscriber.Connections > 1, "each has reconnected");
    }

    private static IEnumerable<long> InOrder(IReadOnlyDictionary<long, string> positions) =>
        positions.OrderBy(number => long.Parse(number.Value.AsSpan(number.Value.IndexOf('-') + 1))).Select(number => number.Key);

    private static async Task KillNodesAsync(Cluster cluster, Task publishing)
    {
        for (var node = 0; !publishing.IsCompleted; node = (node + 1) % 3)
        {
            await Task.WhenAny(publishing, Task.Delay(TimeSpan.FromSeconds(3)));
            cluster.Kill(node);
            await cluster.StartAsync(node);
        }
    }

    private static async Task RestartAsync(PostgreSqlServer server, TimeSpan pause)
    {
        await Task.Delay(pause);
        await server.RestartAsync();
        await Task.Delay(pause);
        await server.RestartAsync(immediate: true);
    }
}
