using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>An app on Kestrel that a test attacks over sockets, in real time, and what must be so when the attack is over.</summary>
internal sealed class AttackedApp : IAsyncDisposable
{
    // Streams of channels and of plain sources, with and without messages.
    private static readonly string[] Paths =
        ["/feed", "/idle", "/guarded", "/several?channel=feed&channel=idle", "/rooms/1", "/rooms/2", "/few", "/ticks", "/restless"];

    private const int Permits = 1_000_000;

    private readonly WebApplication _app;
    private readonly CountedTime _time;
    private readonly LogRecorder _log;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, int> _ends = [];
    private readonly ConcurrentQueue<string> _http2Connections;
    private long _activeStreams;

    // As they were before the attack.
    private int _registrations;
    private int _timers;

    private AttackedApp(
        WebApplication app, CountedTime time, LogRecorder log, CountedSources sources, ConcurrentQueue<string> http2Connections)
    {
        (_app, _time, _log, Sources, _http2Connections) = (app, time, log, sources, http2Connections);
        var ports = app.Urls.Select(url => new Uri(url).Port).ToArray();
        (Http1Port, Http2Port) = (ports[0], ports[1]);
        Hub = app.Services.GetRequiredService<EventStreamHub>();
        Measure();
    }

    public CountedSources Sources { get; }

    public EventStreamHub Hub { get; }

    public int Http1Port { get; }

    public int Http2Port { get; }

    public long ActiveStreams => Interlocked.Read(ref _activeStreams);

    /// <summary>How many streams have ended, by the reason in the metric.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    private int RegistrationsOnStop => TokenRegistrations.Of(_app.Lifetime.ApplicationStopping);

    /// <summary>Gets the path of one of its streams.</summary>
    public static string AnyPath(Random random) => Paths[random.Next(Paths.Length)];

    /// <summary>Starts the app.</summary>
    /// <param name="options">Changes the options of its streams.</param>
    public static async Task<AttackedApp> StartAsync(Action<EventStreamOptions>? options = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        var (time, log, sources) = (new CountedTime(), new LogRecorder(), new CountedSources());
        var http2Connections = new ConcurrentQueue<string>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => connection =>
                {
                    http2Connections.Enqueue(connection.ConnectionId);
                    return next(connection);
                });
            });
        });
        builder.WebHost.UseOutputUnderTest();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log);
        builder.Services.AddRouting().AddSingleton<TimeProvider>(time);
        HeaderAuthentication.AddTo(builder.Services);
        builder.Services.AddAuthorizationBuilder().AddPolicy("slow", policy => policy.RequireAssertion(DecideLaterAsync));
        builder.Services
            .AddEventStreams(o =>
            {
                (o.KeepAliveInterval, o.WriteTimeout) = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1));
                o.ReauthorizationInterval = TimeSpan.FromSeconds(1);
                options?.Invoke(o);
            })
            .AddLimits(o =>
            {
                (o.MaxStreams, o.MaxStreamsPerUser) = (Permits, Permits);
                (o.MaxStreamsPerAddress, o.MaxSubscribersPerChannel) = (Permits, Permits);
            })
            .AddChannel("feed", c => (c.InMemory, c.Capacity) = (true, 1024))
            .AddChannel("idle", c => c.InMemory = true)
            .AddChannel("guarded", c => (c.InMemory, c.AuthorizationPolicy) = (true, "slow"))
            .AddChannel("rooms/{room}", c => (c.InMemory, c.CreateOnSubscribe) = (true, true));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        foreach (var name in (string[])["feed", "idle", "guarded"]) app.MapEventStream($"/{name}", name);
        app.MapEventStream("/rooms/{room}", "rooms/{room}");
        app.MapEventStream("/several", context => new EventStreamSubscription(context.Request.Query["channel"]));
        app.Map("/few", () => TypedResults.EventStream(sources.Few()));
        app.Map("/ticks", () => TypedResults.EventStream(sources.Endless(TimeSpan.FromMilliseconds(5))));
        app.Map("/restless", () => TypedResults.EventStream(sources.Endless(TimeSpan.Zero)));
        await app.StartAsync();
        var attacked = new AttackedApp(app, time, log, sources, http2Connections);
        await attacked.WarmUpAsync();
        return attacked;
    }

    /// <summary>Fails unless the attack has left nothing behind, and ordinary streams still work.</summary>
    public async Task ShouldBeAsBeforeAsync()
    {
        await Soon.Until(() => ActiveStreams == 0, "no stream is counted any more");
        await Soon.Until(() => Hub.Channels.All(channel => channel.SubscriberCount == 0), "no channel has a subscriber");
        await Soon.Until(() => Hub.Channels.All(channel => !channel.Name.StartsWith("rooms/")), "no empty channel of a pattern is left");
        await Soon.Until(() => Sources.Open == 0, "each source has run its finally block");
        await Soon.Until(() => Sources.CountHeld() == 0, "no source is referenced any more");
        await Soon.Until(() => Hub.Host.Limits!.Available == Permits, "every permit is returned");
        await Soon.Until(() => _time.Running == _timers, "no timer is left, and that of the app's clock has stopped");
        RegistrationsOnStop.Should().Be(_registrations, "no stream stays registered on the stop of the host");
        _log.Entries.Where(IsFault).Should().BeEmpty("no attack is a fault of the app");
        foreach (var port in (int[])[Http1Port, Http2Port]) await ShouldStreamAsync(port);
        await Soon.Until(() => ActiveStreams == 0);
    }

    /// <summary>Opens a client as an ordinary app has it.</summary>
    public HttpClient Client(int port) => new(new SocketsHttpHandler { UseProxy = false, MaxResponseDrainSize = 0 })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        DefaultRequestVersion = port == Http2Port ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Soon.Limit,
    };

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private static async Task<bool> DecideLaterAsync(AuthorizationHandlerContext context)
    {
        await Task.Delay(1);
        return true;
    }

    /// <summary>Whether it is a warning of ours, or an error that is not Kestrel's own about a bad client.</summary>
    private bool IsFault(LogEntry entry) => entry.Category == "EventStream.AspNetCore"
        || (entry.Level >= LogLevel.Error && entry.Category != "Microsoft.AspNetCore.Server.Kestrel.Http2" && !IsNeverCompleted(entry));

    /// <summary>Whether Kestrel has lost one of its HTTP/2 connections, which the garbage collector has found.</summary>
    /// <remarks>
    /// A stream that is aborted just before Kestrel lets it wait for the connection's window never stops waiting. The connection waits for
    /// it: dotnet/aspnetcore#51307. The request and its event stream have ended before.
    /// </remarks>
    private bool IsNeverCompleted(LogEntry entry) =>
        entry is { Category: "Microsoft.AspNetCore.Server.Kestrel", Id: 23 } && _http2Connections.Any(entry.Message.Contains);

    private async Task WarmUpAsync()
    {
        using (var client = Client(Http1Port))
        {
            foreach (var path in Paths) await (await client.OpenEventStreamAsync(path)).DisposeAsync();
        }

        await Soon.Until(() => ActiveStreams == 0 && Sources.Open == 0 && Hub.Channels.All(channel => channel.SubscriberCount == 0));

        // One timer evicts what is too old, for as long as the app runs. That of the streams' clock stops after the last stream.
        await Soon.Until(() => _time.Running == 1);
        (_timers, _registrations) = (_time.Running, RegistrationsOnStop);
    }

    private async Task ShouldStreamAsync(int port)
    {
        using var client = Client(port);
        await using var plain = await client.OpenEventStreamAsync("/few");
        (await plain.CollectToEndAsync()).Should().HaveCount(5);
        await using var stream = await client.OpenEventStreamAsync("/feed");
        await stream.NextPositionAsync();
        await Hub.GetChannel("feed").SayAsync("after the attack");
        (await stream.NextAsync()).Data.Should().Be("after the attack");
    }

    private void Measure()
    {
        var factory = _app.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var isOurs = instrument.Meter.Name == "EventStream.AspNetCore" && ReferenceEquals(instrument.Meter.Scope, factory);
            if (isOurs && instrument.Name is "event_stream.server.active_streams" or "event_stream.server.stream.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _activeStreams, value));
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "event_stream.end_reason") _ends.AddOrUpdate((string)value!, 1, (_, count) => count + 1);
            }
        });
        _listener.Start();
    }
}
