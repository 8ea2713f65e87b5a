using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>Streams open and close as fast as the machine can, half of them rudely.</summary>
[Collection(nameof(Alone))]
public sealed class FullSpeedTests(ITestOutputHelper output)
{
    private const int Clients = 32;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(Alone.IsLong ? 15 : 2);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Alone.IsLong ? 60 : 4);

    [Fact(Timeout = 240_000)]
    public Task OpenAndClose_HalfRudely_NothingIsLeftAndTheMemoryIsBack() => Seeded.RunAsync(async seed =>
    {
        await using var app = await AttackedApp.StartAsync();

        // The pools of the server and of the runtime fill up first.
        await OpenAndCloseAsync(app, seed, WarmUp);
        await app.ShouldBeAsBeforeAsync();
        var before = await MemoryAsync();
        var opened = await OpenAndCloseAsync(app, seed + Clients, Duration);
        await app.ShouldBeAsBeforeAsync();
        var after = await MemoryAsync();

        var ends = string.Join(", ", app.Ends.Select(one => $"{one.Key} {one.Value}"));
        output.WriteLine($"{opened} visits in {Duration.TotalSeconds} s; {before} bytes before, {after} after; ended: {ends}");
        after.Should().BeLessThanOrEqualTo((long)(before * 1.05));
    });

    private static async Task<int> OpenAndCloseAsync(AttackedApp app, int seed, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource(duration);
        var publishing = Task.WhenAll(((string[])["feed", "guarded"]).Select(name => Task.Run(() => PublishAsync(app, name, stop.Token))));
        using var http1 = app.Client(app.Http1Port);
        using var http2 = app.Client(app.Http2Port);
        var visits = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(async () =>
        {
            var random = new Random(seed + number);
            var count = 0;
            for (; !stop.IsCancellationRequested; count++) await VisitAsync(app, random.Next(2) == 0 ? http1 : http2, random);
            return count;
        })));
        await publishing.OrFail();
        return visits.Sum();
    }

    private static async Task PublishAsync(AttackedApp app, string channel, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await app.Hub.GetChannel(channel).SayAsync("news");
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private static Task VisitAsync(AttackedApp app, HttpClient client, Random random) => random.Next(4) switch
    {
        0 => Attack.All.Single(attack => attack.Name == "reset in the stream").RunAsync(app, random),
        1 => LeaveWithoutReadingAsync(app, random),
        _ => ReadAndLeaveAsync(client, random),
    };

    private static async Task LeaveWithoutReadingAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        await connection.SendAsync(Http2Frame.Get(1, AttackedApp.AnyPath(random)), Http2Frame.Get(3, AttackedApp.AnyPath(random)));
        if (random.Next(2) == 0) connection.Raw.Reset();
    }

    private static async Task ReadAndLeaveAsync(HttpClient client, Random random)
    {
        using var response = await client.GetAsync(AttackedApp.AnyPath(random), HttpCompletionOption.ResponseHeadersRead).OrFail();
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1000];
        for (var reads = random.Next(4); reads > 0 && await body.ReadAsync(buffer).AsTask().OrFail() > 0; reads--)
        {
        }
    }

    /// <summary>Gets the bytes of the heap that are in use, at rest.</summary>
    private static async Task<long> MemoryAsync()
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            least = Math.Min(least, GC.GetTotalMemory(forceFullCollection: true));
            await Task.Delay(200);
        }

        return least;
    }
}
