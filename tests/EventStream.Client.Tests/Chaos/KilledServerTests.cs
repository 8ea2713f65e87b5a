using System.Collections.Concurrent;
using System.Diagnostics;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Chaos;

[Collection(nameof(Alone))]
public sealed class KilledServerTests
{
    private const int Clients = 50;
    private const int Kills = 10;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    [Fact(Timeout = 240_000)]
    public async Task Clients_OfAServerThatIsKilledTenTimesBehindANetworkThatCuts_GetEachMessageOnceOrAGap()
    {
        var random = new Random(20_261_121);
        await using var proxy = new Proxy(() =>
        {
            lock (random) return random.Next(4) == 0 ? random.Next(1, 600) : random.Next(1, 60_000);
        });
        var attempts = new ConcurrentQueue<Attempt>();
        var records = Enumerable.Range(0, Clients).Select(_ => new ReaderRecord()).ToArray();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Clients })
        {
            BaseAddress = proxy.Address,
        };
        var readers = records.Select(record => Task.Run(() => ReadAsync(client, record, attempts))).ToArray();

        for (var life = 0; life <= Kills; life++)
        {
            using var server = await NumberServerProcess.StartAsync(1 + (life * ReaderRecord.NumbersOfALife));
            proxy.Target = server.Address;
            var enough = (life * ReaderRecord.NumbersOfALife) + 50;
            // Each client gets something of each life before it ends, or fails and says why.
            await Soon.Until(
                () => records.All(record => record.Last >= enough) || readers.Any(reader => reader.IsFaulted), "every client reads on");
            if (readers.FirstOrDefault(reader => reader.IsFaulted) is { } broken) await broken;
            proxy.Target = null;
        }

        readers.Should().OnlyContain(reader => !reader.IsCompleted, "no client gives up");
        client.CancelPendingRequests();
        records.Should().OnlyContain(record => record.Gaps == Kills, "each life but the first begins with a gap, and has no other");
        attempts.Where(attempt => !attempt.FollowsTheBackoff).Should().BeEmpty();
        attempts.Should().Contain(attempt => attempt.Told.Attempt > 2, "some came back while nobody was there");
    }

    private static async Task ReadAsync(HttpClient client, ReaderRecord record, ConcurrentQueue<Attempt> attempts)
    {
        EventStreamClientRetrying? told = null;
        var since = 0L;
        var options = new EventStreamClientOptions
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(200),
            MaxReconnectDelay = Most,
            OnRetrying = retrying => (told, since) = (retrying, Stopwatch.GetTimestamp()),
            PrepareRequest = (_, _) =>
            {
                if (told is { } retrying) attempts.Enqueue(new(retrying, Stopwatch.GetElapsedTime(since)));
                return ValueTask.CompletedTask;
            },
        };
        await foreach (var message in client.ReadEventStreamAsync("/numbers", options)) record.Take(message);
    }

    private sealed record Attempt(EventStreamClientRetrying Told, TimeSpan Waited)
    {
        // A timer may be early by its resolution, which is that of a coarse clock.
        private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(20);

        public bool FollowsTheBackoff => Waited >= Told.Delay - Resolution && Told.Delay >= LeastDelay;

        // Both sides say 200 ms. The first attempt after events waits as long, and so does the first after a failed attempt.
        private TimeSpan LeastDelay
        {
            get
            {
                var delay = TimeSpan.FromMilliseconds(200) * Math.Pow(2, Math.Max(0, Told.Attempt - 2));
                return delay < Most ? delay : Most;
            }
        }
    }
}
