using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Streams of all kinds open and close while they are revoked by every selector, and nodes restart or freeze.</summary>
[Collection(nameof(Alone))]
public sealed class RevocationStormTests(SharedServer server, ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTSTREAM_LONG_TESTS") == "1";

    private readonly ConcurrentDictionary<StormStream, bool> _open = [];
    private readonly ConcurrentBag<StormStream> _ended = [];
    private readonly ConcurrentDictionary<string, int> _calls = [];
    private int _refused;

    [Fact(Timeout = 600_000)]
    public async Task Disconnect_ByEverySelectorInAStorm_NoOldStreamGetsALaterMessage()
    {
        var (streams, users, revokers, seconds) = IsLong ? (1000, StormStream.Users, 20, 120) : (120, 12, 20, 15);
        var database = await server.CreateDatabaseAsync();
        var rights = await StormRights.CreateAsync(database);
        await using var nodes = await StormNodes.StartAsync(database);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxResponseDrainSize = 0 })
        {
            Timeout = TimeSpan.FromSeconds(60),
        };
        using var stop = new CancellationTokenSource();
        var opening = Enumerable.Range(0, streams).Select(n => Task.Run(() => OpenAsync(n, stop.Token))).ToArray();
        var revoking = Enumerable.Range(0, revokers).Select(n => Task.Run(() => RevokeAsync(n, stop.Token))).ToArray();

        await nodes.TroubleAsync(TimeSpan.FromSeconds(seconds), kills: IsLong);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await stop.CancelAsync();
        await Task.WhenAll([.. opening, .. revoking]);

        var late = new List<string>();
        var ended = new Dictionary<string, int>();
        foreach (var stream in _ended)
        {
            foreach (var (selector, revoked) in RevocationsOf(stream, rights))
            {
                // An anonymous stream is not held while its node has no lease.
                if (!revoked.IsConfirmed && stream.User is null) continue;

                // Others have ended by themselves before.
                var wasOpen = Stopwatch.GetElapsedTime(stream.Newest, revoked.Began) < TimeSpan.FromSeconds(1);
                if (wasOpen) ended[selector] = ended.GetValueOrDefault(selector) + 1;
                if (stream.Newest <= revoked.At) continue;
                var by = $"{selector}, {(revoked.IsConfirmed ? "" : "un")}confirmed";
                late.Add($"{string.Join('+', stream.ChannelNames)} of {stream.User}: {(stream.Newest - revoked.At) / 1e6} ms after {by}");
            }
        }

        Report(nodes, ended);
        late.Should().BeEmpty();
        ended.Should().NotBeEmpty("otherwise no selector has met an open stream");
        if (IsLong) ended.Keys.Should().BeEquivalentTo("user", "session", "channel", "user and channel", "connection");

        async Task OpenAsync(int seed, CancellationToken stopping)
        {
            var random = new Random(seed);
            await Task.Delay(random.Next(1000), stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            while (!stopping.IsCancellationRequested)
            {
                var stream = StormStream.Draw(random, rights, users);
                using var life = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                life.CancelAfter(random.Next(500, 10_000));
                if (await stream.ReadAsync(client, nodes.Pick(random), _open, life.Token)) _ended.Add(stream);
                else Interlocked.Increment(ref _refused);
            }
        }

        async Task RevokeAsync(int seed, CancellationToken stopping)
        {
            var random = new Random(-1 - seed);
            while (!stopping.IsCancellationRequested)
            {
                // Many of them, seldom: each waits for a frozen node, so their number is that of the calls during its pause.
                await Task.Delay(random.Next(150, 650), CancellationToken.None);
                var open = _open.Keys.ToArray();
                if (open.Length > 0) await RevokeOneAsync(open[random.Next(open.Length)], random);
            }
        }

        async Task RevokeOneAsync(StormStream stream, Random random)
        {
            var kind = random.Next(20);
            var channel = stream.ChannelNames.Length == 0 ? null : stream.ChannelNames[random.Next(stream.ChannelNames.Length)];
            if (kind < 4) stream.OfConnection ??= await DisconnectAsync("connection", $"connection={stream.ConnectionId}");
            else if (kind == 4 && channel is not null) await RevokeRightAsync($"channel:{channel}", $"channel={channel}");
            else if (stream.User is not { } user) return;
            else if (kind < 10 && channel is not null) await RevokeRightAsync($"user:{user}/{channel}", $"user={user}&channel={channel}");
            else if (kind < 15) await RevokeRightAsync($"session:{stream.Session}", $"session={stream.Session}");
            else await RevokeRightAsync($"user:{user}", $"user={user}");

            Task RevokeRightAsync(string right, string query) =>
                rights.RevokeAsync(right, () => DisconnectAsync(SelectorOf(right), query));

            async Task<StormRights.Revoked?> DisconnectAsync(string selector, string query)
            {
                var began = Stopwatch.GetTimestamp();
                try
                {
                    using var response = await client.PostAsync(new Uri(nodes.Pick(random), $"/storm-disconnect?{query}"), null);
                    if (!response.IsSuccessStatusCode) return null;
                    var revoked = await response.Content.ReadFromJsonAsync<StormRights.Revoked>();
                    _calls.AddOrUpdate($"{selector}, {(revoked!.IsConfirmed ? "confirmed" : "reported")}", 1, (_, count) => count + 1);
                    return revoked with { Began = began };
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    return null;
                }
            }
        }
    }

    private static IEnumerable<(string Selector, StormRights.Revoked By)> RevocationsOf(StormStream stream, StormRights rights)
    {
        foreach (var (right, generation) in stream.Rights)
        {
            foreach (var revoked in rights.RevocationsOf(right, generation)) yield return (SelectorOf(right), revoked);
        }

        if (stream.OfConnection is { } ofConnection) yield return ("connection", ofConnection);
    }

    private static string SelectorOf(string right) => right.Contains('/') && right.StartsWith("user:", StringComparison.Ordinal)
        ? "user and channel"
        : right[..right.IndexOf(':')];

    private void Report(StormNodes nodes, Dictionary<string, int> ended)
    {
        var report = new StringBuilder();
        report.AppendLine($"{_ended.Count} streams, {_ended.Sum(stream => (long)stream.Messages)} messages, {_refused} refused or broken");
        foreach (var (trouble, count) in nodes.Troubles) report.AppendLine($"nodes {trouble}: {count}");
        foreach (var (call, count) in _calls.OrderBy(call => call.Key)) report.AppendLine($"calls by {call}: {count}");
        foreach (var (selector, count) in ended) report.AppendLine($"open streams that were revoked by {selector}: {count}");
        output.WriteLine(report.ToString());
    }
}
