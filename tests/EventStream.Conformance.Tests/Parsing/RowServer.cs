using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using EventStream.Conformance.Tests.Module;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>A request that came back after its stream had ended.</summary>
/// <param name="Path">What it asked for.</param>
/// <param name="Position">Its <c>Last-Event-ID</c>; empty if it sent none.</param>
internal sealed record Return(string Path, string Position);

/// <summary>Sends rows with Kestrel over loopback sockets: each address once, each chunk flushed.</summary>
/// <remarks>A client that reconnects gets an answer after which it stops, and the server records it.</remarks>
internal sealed class RowServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _served = new();
    private readonly ConcurrentQueue<Return> _returns = new();

    private RowServer(WebApplication app, IReadOnlyList<Row> rows) => (_app, Rows) = (app, rows);

    public IReadOnlyList<Row> Rows { get; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Who came back, in order.</summary>
    public IReadOnlyList<Return> Returns => [.. _returns];

    public static async Task<RowServer> StartAsync(IReadOnlyList<Row> rows)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var server = new RowServer(builder.Build(), rows);
        server.Map();
        await server._app.StartAsync();
        return server;
    }

    public static string PathOf(string reading, int row) => string.Create(CultureInfo.InvariantCulture, $"/{reading}/rows/{row}");

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private void Map()
    {
        _app.MapGet("/", () => Results.Content("<!doctype html><title>Rows</title>", "text/html"));
        ModuleFiles.MapTo(_app);
        _app.MapGet("/{reading}/rows/{row:int}", (HttpContext context, int row) => SendAsync(context, Rows[row].Chunks));
        _app.MapGet(
            "/{reading}/rungs/{kind}/{milliseconds}",
            (HttpContext context, string milliseconds) => SendAsync(context, [Encoding.UTF8.GetBytes($"retry: {milliseconds}\n")]));
    }

    private async Task SendAsync(HttpContext context, IReadOnlyList<byte[]> chunks)
    {
        var path = context.Request.Path.Value!;
        if (!_served.TryAdd(path, true))
        {
            _returns.Enqueue(new(path, context.Request.Headers["Last-Event-ID"].ToString()));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await context.Response.StartAsync();
        foreach (var chunk in chunks)
        {
            await context.Response.BodyWriter.WriteAsync(chunk);
        }
    }
}
