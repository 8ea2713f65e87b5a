using System.Diagnostics;
using EventStream.PostgreSql.Tests.Chaos;

namespace EventStream.PostgreSql.Tests.Rolling;

/// <summary>Two nodes behind nginx are restarted one after the other, while subscribers, a publisher and other requests use them.</summary>
[Collection(nameof(Alone))]
public sealed class RollingRestartTests(SharedServer server)
{
    private const int Subscribers = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    [Theory(Timeout = 180_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RollingRestart_UnderLoad_LosesNothingAndFailsNoRequest(bool inMemory)
    {
        await using var nodes = await BalancedNodes.StartAsync(await server.CreateDatabaseAsync());
        using var endOfLoad = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        var publishing = PublishAsync(nodes, inMemory, endOfLoad.Token);
        var requesting = RequestAsync(nodes, endOfLoad.Token);
        var subscribers = Enumerable.Range(0, Subscribers).Select(number => new RolledSubscriber(number)).ToArray();
        var path = inMemory ? "/of/someone/here" : "/numbers";
        var reading = subscribers.Select(subscriber => Task.Run(() => subscriber.ReadAsync(nodes.Client, path, end.Token))).ToArray();
        await EachHasAsync(subscribers, reading, 1);

        for (var node = 0; node < 2; node++)
        {
            var began = Stopwatch.GetTimestamp();
            await nodes.RestartAsync(node);
            var openings = subscribers.Select(subscriber => subscriber.Openings.Where(opened => opened > began).ToList()).ToList();
            ExpectSpread([.. openings.SelectMany(opened => opened).Order()]);
            var moved = openings.Count(opened => opened.Count > 0);
            openings.Sum(opened => opened.Count).Should().BeLessThan(3 * moved, "a node that is not ready rejects few clients");
        }

        await endOfLoad.CancelAsync();
        await requesting;
        await EachHasAsync(subscribers, reading, await publishing);
        await end.CancelAsync();
        await Task.WhenAll(reading);
        foreach (var subscriber in subscribers)
        {
            var numbers = subscriber.Numbers.Distinct().Order().ToList();
            numbers.Should().Equal(Enumerable.Range(0, numbers.Count).Select(index => numbers[0] + index), "no number is lost");
            if (inMemory) subscriber.Gaps.Should().BeInRange(1, 2, "each node has a history of its own");
            else subscriber.Numbers.Should().OnlyHaveUniqueItems();
            if (!inMemory) subscriber.Gaps.Should().Be(0);
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SecondSignal_DuringTheDrain_EndsItAtOnce(bool interrupts)
    {
        using var node = await NodeProcess.StartAsync(await server.CreateDatabaseAsync(), lifetime: 600, drainTimeout: 100);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using var stream = await client.OpenEventStreamAsync($"{node.Address}numbers", new() { Timeout = Soon.Limit });
        node.BeginStop(interrupts);
        await Soon.Until(() => !client.GetAsync(new Uri(node.Address, "/ready")).Result.IsSuccessStatusCode, "the drain");

        // Again and again, because the host may not have come to the drain yet, and ignores a signal until then.
        await Soon.Until(
            () =>
            {
                node.BeginStop(interrupts);
                return node.HasExited;
            },
            "the end of the node, long before that of its drain");

        await stream.ExpectEndAsync();
    }

    // If they were not spread, they would all open at the beginning or at the end.
    private static void ExpectSpread(List<long> openings)
    {
        var window = TimeSpan.FromSeconds(BalancedNodes.DrainTimeout);
        openings.Should().HaveCountGreaterThanOrEqualTo(Subscribers / 2, "every stream of the node has moved");
        Stopwatch.GetElapsedTime(openings[0], openings[^1]).Should().BeGreaterThan(window / 2);
        openings.GroupBy(opened => (int)(Stopwatch.GetElapsedTime(openings[0], opened) / (window / 10)))
            .Should().OnlyContain(tenth => tenth.Count() < openings.Count / 2);
    }

    private static Task EachHasAsync(RolledSubscriber[] subscribers, Task[] reading, long number) => Soon.Until(
        () =>
        {
            if (reading.FirstOrDefault(task => task.IsFaulted) is { } broken) broken.GetAwaiter().GetResult();
            return subscribers.All(subscriber => subscriber.Newest >= number);
        },
        $"every subscriber has {number}");

    private static async Task<long> PublishAsync(BalancedNodes nodes, bool inMemory, CancellationToken end)
    {
        for (var number = 1L; ; number++)
        {
            if (inMemory) await nodes.PostToEachAsync($"/say/here/{number}");
            else (await nodes.Client.PostAsync($"/numbers/{number}?isKeyed=true", null, CancellationToken.None)).EnsureSuccessStatusCode();
            if (end.IsCancellationRequested) return number;
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Sends ordinary requests, by turns for either node, and fails if one fails.</summary>
    private static async Task RequestAsync(BalancedNodes nodes, CancellationToken end)
    {
        for (var client = 0; !end.IsCancellationRequested; client++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/ordinary");
            request.Headers.Add(BalancedNodes.ClientHeader, $"{client}");
            using var response = await nodes.Client.SendAsync(request, CancellationToken.None);
            (await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(CancellationToken.None)).Should().Be("served");
            await Task.Delay(Pause / 2, CancellationToken.None);
        }
    }
}
