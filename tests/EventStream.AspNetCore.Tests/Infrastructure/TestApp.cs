using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A real app on Kestrel over loopback sockets, with a clock that the test moves and a log that it reads.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private TestApp(WebApplication app, FakeTime time, LogRecorder log, Version httpVersion)
    {
        App = app;
        Time = time;
        Log = log;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxResponseDrainSize = 0 }, disposeHandler: true)
        {
            BaseAddress = Address,
            DefaultRequestVersion = httpVersion,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Soon.Limit,
        };
    }

    public WebApplication App { get; }

    public FakeTime Time { get; }

    public LogRecorder Log { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Starts an app.</summary>
    /// <param name="map">Adds the middleware and the endpoints.</param>
    /// <param name="services">Adds services; <c>AddEventStreams</c> is not called for it.</param>
    /// <param name="http2">Whether the server and the client speak HTTP/2 (without TLS) instead of HTTP/1.1.</param>
    /// <param name="server">Sets up the server.</param>
    public static async Task<TestApp> StartAsync(
        Action<WebApplication> map,
        Action<IServiceCollection>? services = null,
        bool http2 = false,
        Action<IWebHostBuilder>? server = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        var time = new FakeTime();
        var log = new LogRecorder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(time);
        services?.Invoke(builder.Services);
        builder.WebHost.UseOutputUnderTest();
        server?.Invoke(builder.WebHost);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new(app, time, log, http2 ? new Version(2, 0) : new Version(1, 1));
    }

    /// <summary>Opens a stream whose bytes are read, and returns when its headers are there.</summary>
    public async Task<StreamReading> OpenAsync(string path, string? lastEventId = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Version = Client.DefaultRequestVersion,
            VersionPolicy = Client.DefaultVersionPolicy,
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        change?.Invoke(request);
        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).OrFail($"headers of {path}");
        return new StreamReading(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Opens a stream that is read by its events; <see cref="OpenAsync"/> reads bytes.</summary>
    public Task<TestEventSource> ListenAsync(string path, string? lastEventId = null, HttpStatusCode expectedStatus = HttpStatusCode.OK) =>
        Client.OpenEventStreamAsync(
            path, new() { Time = Time, Timeout = Soon.Limit, LastEventId = lastEventId, ExpectedStatus = expectedStatus });

    /// <summary>
    /// Moves the clock, step by step, until <paramref name="task"/> is done: for what sets its timer only after it has given its last
    /// signal.
    /// </summary>
    public Task AdvanceUntilAsync(Task task, TimeSpan step, [CallerArgumentExpression(nameof(task))] string what = "") =>
        Time.AdvanceUntilAsync(task, step, what);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await App.StopAsync(limit.Token);
        await App.DisposeAsync();
    }
}
