using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;

namespace EventStream.Testing.Tests.Infrastructure;

/// <summary>Where an app under test runs.</summary>
public enum Hosted
{
    InMemory,
    Http1,
    Http2,
}

/// <summary>A user's app in a user's test: in memory, or on Kestrel over loopback, with a clock that the test moves.</summary>
public sealed class AppUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Hosted _hosted;

    private AppUnderTest(WebApplication app, Hosted hosted, FakeTime time)
    {
        _app = app;
        _hosted = hosted;
        Time = time;
        Client = CreateClient();
    }

    public FakeTime Time { get; }

    public HttpClient Client { get; }

    public static async Task<AppUnderTest> StartAsync(
        Action<WebApplication> map, Hosted hosted = Hosted.InMemory, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        var time = new FakeTime();
        if (hosted == Hosted.InMemory) builder.WebHost.UseTestServer();
        else builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(
            kestrel => kestrel.ConfigureEndpointDefaults(
                listen => listen.Protocols = hosted == Hosted.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(time);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new(app, hosted, time);
    }

    /// <summary>A client whose connections pass <paramref name="faults"/>, the first one first.</summary>
    public HttpClient CreateClient(params DelegatingHandler[] faults)
    {
        // A response that is drained before its connection closes would keep a test waiting until it fails. The handler drains a flood
        // up to its default of 1 MB. Only a read that waits can be cancelled, and the reads of a flood may never wait.
        HttpMessageHandler server = _hosted == Hosted.InMemory
            ? ((TestServer)_app.Services.GetRequiredService<IServer>()).CreateHandler()
            : new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.FromMinutes(1) };
        foreach (var fault in faults.Reverse()) (fault.InnerHandler, server) = (server, fault);
        return new(server)
        {
            BaseAddress = new Uri(_hosted == Hosted.InMemory ? "http://localhost" : _app.Urls.Single()),
            DefaultRequestVersion = new Version(_hosted == Hosted.Http2 ? 2 : 1, _hosted == Hosted.Http2 ? 0 : 1),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }
}
