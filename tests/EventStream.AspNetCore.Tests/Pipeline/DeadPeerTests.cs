using System.Diagnostics;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Clients that vanish without a word, on machines of their own.</summary>
/// <remarks>The kernel keeps the time, so these tests take real seconds.</remarks>
[Trait("Category", "Linux")]
public sealed class DeadPeerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    // How long a stream without the call is watched. The kernel itself gives up after about a quarter of an hour.
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(Alone.IsLong ? 180 : 20);

    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 240_000, Skip = TwoMachines.Needed, SkipType = typeof(TwoMachines), SkipUnless = nameof(TwoMachines.AreAllowed))]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_Vanishes_StreamsEndWithin15SecondsWithTheCallAndStayOpenWithoutIt(bool isSwitchedOff)
    {
        using TwoMachines machines = new();
        await using var http1 = await StartAsync(machines, http2: false, detect: true);
        await using var http2 = await StartAsync(machines, http2: true, detect: true);
        await using var plainHttp1 = await StartAsync(machines, http2: false, detect: false);
        await using var plainHttp2 = await StartAsync(machines, http2: true, detect: false);
        using MetricRecorder metrics = new(http1.App.Services), metrics2 = new(http2.App.Services);
        List<OpenStream> watched = [], unwatched = [];
        foreach (var traffic in Enum.GetValues<Traffic>())
        {
            watched.Add(await OpenAsync(machines, http1, traffic));
            watched.Add(await OpenAsync(machines, http2, traffic));
            unwatched.Add(await OpenAsync(machines, plainHttp1, traffic));
            unwatched.Add(await OpenAsync(machines, plainHttp2, traffic));
        }

        metrics.Sum("event_stream.server.active_streams").Should().Be(3);
        var vanished = Stopwatch.GetTimestamp();
        if (isSwitchedOff) machines.SwitchClientOff();
        else machines.DropFromClient();

        var noticed = watched.Select(stream => stream.NoticedAsync(vanished)).ToArray();
        var others = unwatched.Select(stream => stream.NoticedAsync(vanished)).ToArray();
        var times = await Task.WhenAll(noticed).OrFail("the end of every stream with the call");
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var (stream, time) in watched.Zip(times))
        {
            output.WriteLine($"HTTP/{stream.Version}, {stream.Traffic}: {time.TotalSeconds:F1} s");
        }

        times.Should().OnlyContain(time => time <= Bound);
        await Soon.Until(() => metrics.Sum("event_stream.server.active_streams") == 0);
        await Soon.Until(() => metrics2.Sum("event_stream.server.active_streams") == 0);
        http1.Log.AtLeast(LogLevel.Information).Where(entry => entry.Category == "EventStream.AspNetCore").Should().BeEmpty();

        await Task.WhenAny([.. others, Task.Delay(Watched - Stopwatch.GetElapsedTime(vanished))]);
        unwatched.Where(stream => stream.Source.Cancelled.IsCompleted).Should().BeEmpty();

        // The collector closes a response that no variable holds.
        GC.KeepAlive(watched);
        GC.KeepAlive(unwatched);
    }

    private async Task<OpenStream> OpenAsync(TwoMachines machines, TestApp app, Traffic traffic)
    {
        var client = machines.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Address)
        {
            Version = app.Client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).OrFail();
        var stream = new StreamReading(response, await response.Content.ReadAsStreamAsync());
        await stream.ReadRetryAsync();
        var source = await _sources.NextAsync();
        await stream.ShouldPassAtOnceAsync(source, "there");
        return new(source, stream, traffic, request.Version);
    }

    private Task<TestApp> StartAsync(TwoMachines machines, bool http2, bool detect) => TestApp.StartAsync(
        app => app.MapGet("/", () => Results.EventStream(_sources.Open())),
        services => services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = _ => machines.Listen()),
        http2,
        server =>
        {
            if (detect) server.UseDeadPeerDetection();
        });

    private enum Traffic
    {
        /// <summary>Nothing is sent: the clock of the streams stands, so that there is not even a keep-alive.</summary>
        None,

        /// <summary>A message twice a second.</summary>
        Steady,

        /// <summary>One message, just before the kernel gives up its unanswered probes, which it then stops.</summary>
        Late,
    }

    private sealed record OpenStream(DrivenSource Source, StreamReading Reading, Traffic Traffic, Version Version)
    {
        /// <summary>Sends what it has to, and returns how long after the given moment the stream was cancelled.</summary>
        public async Task<TimeSpan> NoticedAsync(long vanished)
        {
            var noticed = Source.Cancelled.ContinueWith(_ => Stopwatch.GetElapsedTime(vanished), TaskScheduler.Default);
            var pause = TimeSpan.FromSeconds(Traffic == Traffic.Steady ? 0.5 : 4.7);
            while (Traffic != Traffic.None && await Task.WhenAny(noticed, Task.Delay(pause)) != noticed)
            {
                Source.Send(new() { Data = "into the void" });
                if (Traffic == Traffic.Late) break;
            }

            return await noticed;
        }
    }
}
