using System.Net;
using System.Net.Sockets;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Where direct output has an effect, and the log entry where it has none.</summary>
public sealed class DirectOutputNoticeTests
{
    private const int RingsUnavailable = 62;
    private const int OutputUnused = 63;

    private static readonly int[] Notices = [RingsUnavailable, OutputUnused];

    [Theory(Timeout = 30_000)]
    [InlineData(Output.Direct)]
    [InlineData(Output.IoUring)]
    public async Task TestServer_HasNoSockets_OneEntrySaysSoAndStreamsWork(Output output)
    {
        var log = new LogRecorder();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.WebHost.Use(output);
        builder.Logging.AddProvider(log);
        builder.Services.AddRouting();
        await using var app = builder.Build();
        app.MapIsDirect();
        app.MapGet("/", () => Results.EventStream(Numbered.Messages(0, 1), o => o.Retry = null));
        await app.StartAsync();
        using var client = app.GetTestClient();

        (await client.GetStringAsync("/").OrFail()).Should().Be("id: 0\ndata: message 0\n\n");

        (await client.GetStringAsync("/is-direct").OrFail()).Should().Be("no");
        ShouldBeOne(log, OutputUnused);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Output.Direct)]
    [InlineData(Output.IoUring)]
    public async Task UnixSocket_IsDirect(Output output)
    {
        var path = Path.Combine(Path.GetTempPath(), $"es-{Guid.NewGuid():N}.sock");
        var log = new LogRecorder();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path)).Use(output);
        builder.Logging.AddProvider(log);
        builder.Services.AddRouting().AddEventStreams(o => o.Retry = null).AddChannel("news");
        await using var app = builder.Build();
        app.MapIsDirect();
        app.MapEventStream("/news", "news");
        await app.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new("http://localhost") };
        var channel = app.Services.GetRequiredService<EventStreamHub>().GetChannel("news");

        (await client.GetStringAsync("/is-direct").OrFail()).Should().Be("yes");
        var response = await client.GetAsync("/news", HttpCompletionOption.ResponseHeadersRead).OrFail();
        using var stream = new StreamReading(response, await response.Content.ReadAsStreamAsync());
        await stream.ReadPositionAsync();
        var id = await channel.SayAsync("over a file");
        await channel.CompleteAsync();

        await stream.ShouldEndWithAsync(ChannelApp.Frame(id, "over a file") + ChannelApp.End(id));
        log.Entries.Should().NotContain(entry => Notices.Contains(entry.Id) && entry.Category == "EventStream.AspNetCore");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("listen", Output.Direct)]
    [InlineData("listen", Output.IoUring)]
    [InlineData("defaults", Output.Direct)]
    [InlineData("defaults", Output.IoUring)]
    public async Task Endpoint_OfTheAppsOwnConfiguration_IsDirect(string how, Output output)
    {
        await using var app = await TestApp.StartAsync(app => app.MapIsDirect(), server: server =>
        {
            server.Use(output);
            server.ConfigureKestrel(kestrel =>
            {
                if (how == "listen") kestrel.Listen(IPAddress.Loopback, 0);
                else kestrel.ConfigureEndpointDefaults(_ => { });
            });
        });

        (await app.Client.GetStringAsync("/is-direct").OrFail()).Should().Be("yes");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AppsOwnTransport_RegisteredBeforeOrAfter_IsUsedAsWithoutTheCall(bool isBefore)
    {
        await using var app = await StartAsync(server =>
        {
            if (isBefore) server.ConfigureServices(AddOwn);
            server.UseDirectOutput();
            if (!isBefore) server.ConfigureServices(AddOwn);
        });

        (await app.Client.GetStringAsync("/is-direct").OrFail()).Should().Be("no", "the app's transport may do more than send");
        await ShouldDeliverAsync(app);
        app.App.Services.GetServices<IConnectionListenerFactory>().OfType<OwnTransport>().Single().Bound.Should().Be(1);
        ShouldBeOne(app.Log, OutputUnused);

        static void AddOwn(IServiceCollection services) => services.AddSingleton<IConnectionListenerFactory, OwnTransport>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Call_BeforeKestrelIsAdded_IsDirect()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseDirectOutput().UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        await using var app = builder.Build();
        app.MapIsDirect();
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        (await client.GetStringAsync("/is-direct").OrFail()).Should().Be("yes");
    }

    [Fact(Timeout = 30_000)]
    public async Task BothCalls_EachTwice_AreFine()
    {
        await using var app = await StartAsync(server => server.UseIoUring().UseDirectOutput().UseDirectOutput().UseIoUring());

        (await app.Client.GetStringAsync("/is-direct").OrFail()).Should().Be("yes");
        await ShouldDeliverAsync(app);
        var batches = app.App.Services.GetRequiredService<SendBatches>();
        if (Rings.AreAllowed) batches.Sends.Should().BePositive("the messages of a channel leave in batches");
        app.Log.Entries.Should().NotContain(entry => entry.Id == OutputUnused && entry.Category == "EventStream.AspNetCore");
    }

    [Fact(Timeout = 30_000)]
    public async Task IoUring_KernelRefuses_OneEntrySaysSoAndStreamsWork()
    {
        await using var app = await StartAsync(server => server.UseIoUring().ConfigureServices(services =>
            services.AddSingleton(provider => new SendBatches(provider.GetRequiredService<ILoggerFactory>(), sends: 0))));

        for (var round = 0; round < 3; round++) await ShouldDeliverAsync(app);

        ShouldBeOne(app.Log, RingsUnavailable);
    }

    private static Task<TestApp> StartAsync(Action<IWebHostBuilder> server) => TestApp.StartAsync(
        app =>
        {
            app.MapIsDirect();
            app.MapEventStream("/rooms/{room}", "rooms/{room}");
        },
        services => services.AddEventStreams(o => o.Retry = null).AddChannel("rooms/{room}", c => c.CreateOnSubscribe = true),
        server: server);

    private static async Task ShouldDeliverAsync(TestApp app)
    {
        var room = $"rooms/{Guid.NewGuid():N}";
        var channel = app.Hub().GetChannel(room);
        var streams = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => app.OpenAsync($"/{room}")));
        foreach (var stream in streams) await stream.ReadPositionAsync();
        var id = await channel.SayAsync("hello");
        await channel.CompleteAsync();

        foreach (var stream in streams)
        {
            await stream.ShouldEndWithAsync(ChannelApp.Frame(id, "hello") + ChannelApp.End(id));
            stream.Dispose();
        }
    }

    private static void ShouldBeOne(LogRecorder log, int id)
    {
        var entry = log.Entries.Where(one => Notices.Contains(one.Id) && one.Category == "EventStream.AspNetCore")
            .Should().ContainSingle().Which;
        (entry.Id, entry.Level).Should().Be((id, LogLevel.Information));
    }

    private sealed class OwnTransport(IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
    {
        private readonly SocketTransportFactory _sockets = new(options, loggers);

        public int Bound { get; private set; }

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            Bound++;
            return _sockets.BindAsync(endpoint, cancellationToken);
        }
    }
}
