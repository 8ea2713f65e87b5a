using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.FileProviders;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>A server over HTTP/1.1: the test page, the module, and streams whose requests it records.</summary>
/// <remarks>
/// <para><c>/numbers/{name}</c> is a channel's own stream.</para>
/// <para>
/// <c>/named/{name}</c> has the same messages, and each says which tab made the request's headers: "7 one". Without a position it begins
/// with the event <c>state</c>, which has no id and the newest number.
/// </para>
/// <para><c>/unnamed/{name}</c> begins with <c>state</c>, too, and no event has an id; <c>?id=</c> gives one to <c>state</c> alone.</para>
/// </remarks>
internal sealed class SharingServer : IAsyncDisposable
{
    private static readonly string[] Streams = ["/numbers", "/named", "/unnamed"];

    private readonly ConcurrentDictionary<StreamConnection, HttpContext> _connections = new();
    private readonly WebApplication _app;

    private SharingServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http1));
        builder.Services.AddRouting();
        builder.Services
            .AddEventStreams(options => options.Retry = TimeSpan.FromMilliseconds(100))
            .AddChannel("{name}", channel => (channel.CreateOnSubscribe, channel.Capacity) = (true, 32_768));
        _app = builder.Build();
        _app.Use(RecordAsync);
        _app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Repository.PathOf("src", "EventStream.Browser", "wwwroot")),
            RequestPath = "/module",
            OnPrepareResponse = context => Prepare(context.Context.Response),
        });
        var page = Path.Combine(AppContext.BaseDirectory, "Sharing", "Tab.html");
        _app.MapGet("/", () => Results.File(page, "text/html"));
        _app.MapGet("/elsewhere", () => Results.Content("<!doctype html><title>Elsewhere</title>", "text/html"));
        _app.MapEventStream("/numbers/{name}", "{name}");
        _app.MapGet("/unnamed/{name}", (string name, string? id) => Results.EventStream(ReadWithoutIdsAsync(Channel(name), id)));
        _app.MapGet("/named/{name}", (string name, HttpRequest request) =>
            Results.EventStream(position => ReadNamedAsync(Channel(name), position, TabOf(request))));
    }

    /// <summary>What requests for streams get instead of a stream; null is a stream.</summary>
    public int? Status { get; set; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Every request for a stream until now, in the order in which they came.</summary>
    public IReadOnlyList<StreamConnection> Connections => [.. _connections.Keys.OrderBy(connection => connection.Opened)];

    public IReadOnlyList<StreamConnection> OpenConnections => [.. Connections.Where(connection => connection.IsOpen)];

    public static async Task<SharingServer> StartAsync()
    {
        var server = new SharingServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Waits until one tab has a connection, and no other.</summary>
    public Task OneConnectionAsync(string tab) =>
        Soon.Until(() => OpenConnections is [var only] && only.Tab == tab, $"the only connection is that of '{tab}'");

    public EventStreamChannel Channel(string name = "prices") => _app.Services.GetRequiredService<EventStreamHub>().GetChannel(name);

    /// <summary>Publishes the numbers of a range.</summary>
    public async Task PublishAsync(int first, int last, string channel = "prices")
    {
        for (var number = first; number <= last; number++)
        {
            await Channel(channel).PublishAsync(new() { Data = number.ToString(CultureInfo.InvariantCulture) });
        }
    }

    /// <summary>Cuts the connection of a tab.</summary>
    public void Cut(string tab)
    {
        foreach (var (connection, context) in _connections)
        {
            if (connection.IsOpen && connection.Tab == tab) context.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    // The second is for a page in a sandbox, whose origin is none.
    private static void Prepare(HttpResponse response) =>
        (response.Headers.CacheControl, response.Headers.AccessControlAllowOrigin) = ("no-store", "*");

    private static string TabOf(HttpRequest request) => request.Headers["X-Tab"].ToString();

    private static async IAsyncEnumerable<EventStreamMessage> ReadNamedAsync(
        EventStreamChannel channel, string? position, string tab, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        EventStreamPosition? after = EventStreamPosition.TryParse(position, out var parsed) ? parsed : channel.Newest;
        if (position is null)
        {
            yield return new() { Event = "state", Data = (after?.Sequence ?? 0).ToString(CultureInfo.InvariantCulture) };
        }

        await foreach (var entry in channel.ReadAsync(after, cancellationToken: cancellationToken))
        {
            yield return new() { Id = entry.Position.ToString(), Data = $"{entry.Data} {tab}" };
        }
    }

    private static async IAsyncEnumerable<EventStreamMessage> ReadWithoutIdsAsync(
        EventStreamChannel channel, string? id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var after = channel.Newest;
        yield return new() { Event = "state", Id = id, Data = (after?.Sequence ?? 0).ToString(CultureInfo.InvariantCulture) };
        await foreach (var entry in channel.ReadAsync(after, cancellationToken: cancellationToken))
        {
            yield return new() { Data = entry.Data };
        }
    }

    private async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!Streams.Any(path => request.Path.StartsWithSegments(path)))
        {
            await next(context);
            return;
        }

        var connection = new StreamConnection(
            TabOf(request), request.Path + request.QueryString, request.Headers["Last-Event-ID"], DateTimeOffset.UtcNow);
        _connections[connection] = context;
        Prepare(context.Response);
        try
        {
            if (Status is { } status) context.Response.StatusCode = status;
            else await next(context);
        }
        finally
        {
            connection.Closed = DateTimeOffset.UtcNow;
        }
    }
}
