using System.Net.Sockets;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>What <c>UseDeadPeerDetection</c> sets, and where. <see cref="DeadPeerTests"/> shows what it does.</summary>
[Trait("Category", "Linux")]
public sealed class DeadPeerSettingsTests
{
    private const int UserTimeout = 18;

    private readonly DrivenSource _source = new();

    [Theory(Timeout = 30_000)]
    [InlineData(null, 3, 1, 5000)]
    [InlineData(10, 2, 1, 3333)]
    [InlineData(60, 12, 4, 20_000)]
    [InlineData(3600, 720, 240, 1_200_000)]
    public async Task Connection_Accepted_HasTheTimes(int? seconds, int silence, int interval, int milliseconds)
    {
        await using var app = await ShowTimesAsync(
            server => server.UseDeadPeerDetection(seconds is { } s ? TimeSpan.FromSeconds(s) : null));

        (await app.Client.GetStringAsync("/").OrFail()).Should().Be($"1 {silence} {interval} {milliseconds}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Connection_WithoutTheCall_HasTheKernelsDefaults()
    {
        await using var app = await ShowTimesAsync(_ => { });

        (await app.Client.GetStringAsync("/").OrFail()).Should().StartWith("0 ").And.EndWith(" 0");
    }

    [Fact(Timeout = 30_000)]
    public async Task Call_Twice_TheLastCounts()
    {
        await using var app = await ShowTimesAsync(
            server => server.UseDeadPeerDetection(TimeSpan.FromSeconds(60)).UseDeadPeerDetection(TimeSpan.FromSeconds(30)));

        (await app.Client.GetStringAsync("/").OrFail()).Should().Be("1 6 2 10000");
        var limits = app.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.Http2;
        (limits.KeepAlivePingDelay, limits.KeepAlivePingTimeout).Should().Be((TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(10)));
    }

    [Fact(Timeout = 30_000)]
    public async Task Pings_TheAppHasItsOwn_TheyStay()
    {
        await using var app = await TestApp.StartAsync(
            _ => { },
            server: server => server.UseDeadPeerDetection()
                .ConfigureKestrel(o => o.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(77)));

        var limits = app.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.Http2;

        limits.KeepAlivePingDelay.Should().Be(TimeSpan.FromSeconds(77));
        limits.KeepAlivePingTimeout.Should().Be(new Http2Limits().KeepAlivePingTimeout);
    }

    [Fact(Timeout = 30_000)]
    public async Task UnixSocket_WithTheCall_IsServedAsBefore()
    {
        var folder = Directory.CreateTempSubdirectory("eventstream-socket-");
        var path = Path.Combine(folder.FullName, "app");
        await using (var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => "served"),
            server: server => server.UseDeadPeerDetection().UseUrls($"http://unix:{path}")))
        {
            using HttpClient client = new(new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            });

            (await client.GetStringAsync("http://localhost/").OrFail()).Should().Be("served");
        }

        folder.Delete(recursive: true);
    }

    // The other side of TCP_USER_TIMEOUT: it also counts while the client has no room. The documentation says so.
    [Fact(Timeout = 60_000)]
    public async Task Client_IsThereAndDoesNotRead_IsCutByTheKernelBeforeWriteTimeout()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(_source.Messages(), o => o.WriteTimeout = TimeSpan.FromHours(1))),
            server: server => server.UseDeadPeerDetection(TimeSpan.FromSeconds(10)));
        using var stalled = await RawRequest.ConnectAsync(app);
        await stalled.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

        _source.Send(new() { Data = new string('a', 32_000_000) });

        await _source.Ended.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(9.999)]
    [InlineData(3600.001)]
    public void Timeout_OutOfItsRange_IsRefused(double seconds)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());

        var use = () => builder.WebHost.UseDeadPeerDetection(TimeSpan.FromSeconds(seconds));

        use.Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("The timeout of UseDeadPeerDetection must be from 00:00:10 to 01:00:00.*");
    }

    private static Task<TestApp> ShowTimesAsync(Action<IWebHostBuilder> server) => TestApp.StartAsync(
        app => app.MapGet("/", (HttpContext context) => TimesOf(context.Features.Get<IConnectionSocketFeature>()!.Socket)),
        server: server);

    private static string TimesOf(Socket socket)
    {
        Span<byte> timeout = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, timeout);
        return string.Join(
            ' ',
            socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive),
            socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime),
            socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval),
            BitConverter.ToInt32(timeout));
    }
}
