using System.Diagnostics;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Runs on three nodes, whose owners are killed and frozen.</summary>
[Collection(nameof(Alone))]
public sealed class RunStormTests(SharedServer server, ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTSTREAM_LONG_TESTS") == "1";

    [Theory(Timeout = 300_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runs_OfNodesThatAreKilled_EndWholeOrBeginAnewAndAreToldSo(bool takesOver)
    {
        var (runs, messages, seconds) = IsLong ? (300, 50, 60) : (40, 40, 15);
        await using var cluster = await Cluster.StartAsync(await server.CreateDatabaseAsync(), nodes: 3, lifetime: 2);
        using var end = new CancellationTokenSource();
        List<RunReader> readers = [];
        List<Task> reading = [];
        var killing = KillNodesAsync(cluster, TimeSpan.FromSeconds(seconds));

        // New runs all the time, so that a kill finds some in each part of their lives.
        for (var run = 0; run < runs; run++)
        {
            var reader = new RunReader($"/runs/{run}?messages={messages}&takesOver={takesOver}", messages);
            readers.Add(reader);
            reading.Add(Task.Run(() => reader.ReadAsync(cluster.Client, end.Token)));
            await Task.Delay(TimeSpan.FromSeconds(seconds * 0.8 / runs));
        }

        var kills = await killing;
        await Soon.Until(
            () => reading.TrueForAll(task => task.IsCompleted) || reading.Exists(task => task.IsFaulted),
            "every reader has its run to the end");
        await Task.WhenAll(reading);
        await Soon.Until(() => Running().Result.Length == 0, "no run is left");
        output.WriteLine(
            $"{runs} runs, {kills} kills: {readers.Sum(reader => reader.Connections)} connections, "
            + $"{readers.Count(reader => reader.Restarts > 0)} runs began anew, "
            + $"{readers.Count(reader => reader.Producers > 1)} were taken over");
        readers.Should().OnlyContain(reader => reader.IsWhole);
        if (takesOver) readers.Should().Contain(reader => reader.Producers > 1, "otherwise no kill has hit an owner");
        else readers.Should().Contain(reader => reader.Restarts > 0, "otherwise no kill has hit an owner");

        async Task<string[]> Running() => (await cluster.Client.GetFromJsonAsync<string[]>("/runs"))!;
    }

    [Fact(Timeout = 120_000)]
    public async Task Owner_FrozenForLongerThanItsLease_WritesNothingAfterTheTakeover()
    {
        const int messages = 250;
        var database = await server.CreateDatabaseAsync();
        using var owner = await NodeProcess.StartAsync(database, lifetime: 600);
        using var other = await NodeProcess.StartAsync(database, lifetime: 600);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };
        var path = $"runs/frozen?messages={messages}&takesOver=true";
        (await StartAsync(owner)).Should().BeTrue("the first call starts the run");
        (await StartAsync(other)).Should().BeFalse("the second joins it");
        var reader = new RunReader($"{other.Address}{path}", messages);
        var reading = reader.ReadAsync(client, CancellationToken.None);

        await Soon.Until(() => reader.Connections > 0);
        owner.Freeze();
        await Soon.Until(() => reader.Producers == 2, "another node has taken the run over");
        owner.Thaw();

        await reading.WaitAsync(TimeSpan.FromSeconds(60));
        reader.Restarts.Should().Be(0);
        reader.Producers.Should().Be(2);
        await Soon.Until(() => StoppedAt(owner).Result > 0, "the frozen owner stops its producer");

        async Task<bool> StartAsync(NodeProcess node)
        {
            using var answer = await client.PostAsync(new Uri(node.Address, path), null);
            return await answer.Content.ReadFromJsonAsync<bool>();
        }

        Task<long> StoppedAt(NodeProcess node) => client.GetFromJsonAsync<long>(new Uri(node.Address, "runs/frozen/stopped"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_OnAnotherNode_CancelsTheProducer()
    {
        var database = await server.CreateDatabaseAsync();
        using var owner = await NodeProcess.StartAsync(database, lifetime: 600);
        using var other = await NodeProcess.StartAsync(database, lifetime: 600);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        List<double> times = [];
        for (var run = 0; run < 20; run++)
        {
            using var started = await client.PostAsync(new Uri(owner.Address, $"runs/{run}?messages=1000&takesOver=false"), null);
            started.EnsureSuccessStatusCode();
            using var stopped = await client.PostAsync(new Uri(other.Address, $"runs/{run}/stop"), null);
            var begin = await stopped.Content.ReadFromJsonAsync<long>();
            var path = new Uri(owner.Address, $"runs/{run}/stopped");
            await Soon.Until(() => client.GetFromJsonAsync<long>(path).Result > 0, "the producer is told to stop");
            times.Add(Stopwatch.GetElapsedTime(begin, await client.GetFromJsonAsync<long>(path)).TotalMilliseconds);
        }

        output.WriteLine($"From the call to the producer's token, ms: median {times.Order().ElementAt(10):N1}, most {times.Max():N1}");
    }

    /// <summary>Kills a node every few seconds, and returns how many kills there were.</summary>
    private static async Task<int> KillNodesAsync(Cluster cluster, TimeSpan duration)
    {
        var started = TimeProvider.System.GetTimestamp();
        var kills = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < duration; kills++)
        {
            await Task.Delay(TimeSpan.FromSeconds(3));
            cluster.Kill(kills % 3);
            await cluster.StartAsync(kills % 3);
        }

        return kills;
    }
}
