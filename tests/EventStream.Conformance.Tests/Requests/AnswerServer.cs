using System.Collections.Concurrent;
using System.Globalization;
using EventStream.Conformance.Tests.Module;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>Answers as the rows say, on Kestrel over loopback sockets, and remembers what it was asked.</summary>
internal sealed class AnswerServer : IAsyncDisposable
{
    // A browser uses only its own clock, so it must reconnect at once.
    private static readonly byte[] SoonAgain = "retry: 1\n"u8.ToArray();

    private readonly WebApplication _app;
    private readonly IReadOnlyList<RequestRow> _rows;
    private readonly ConcurrentQueue<Ask>[] _asks;
    private readonly TaskCompletionSource[] _reports;
    private readonly bool _cutsAfterReport;

    private AnswerServer(WebApplication app, IReadOnlyList<RequestRow> rows, bool cutsAfterReport)
    {
        (_app, _rows, _cutsAfterReport) = (app, rows, cutsAfterReport);
        _asks = [.. rows.Select(_ => new ConcurrentQueue<Ask>())];
        _reports = [.. rows.Select(_ => new TaskCompletionSource())];
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts the server.</summary>
    /// <param name="rows">What it answers.</param>
    /// <param name="cutsAfterReport">
    /// Whether a body breaks off only when its reader has reported an event, at <see cref="ReportPathOf"/>. A <c>fetch</c> drops the bytes
    /// that it has not handed out when the connection breaks.
    /// </param>
    public static async Task<AnswerServer> StartAsync(IReadOnlyList<RequestRow> rows, bool cutsAfterReport = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var server = new AnswerServer(builder.Build(), rows, cutsAfterReport);
        server._app.MapGet("/", () => Results.Content("<!doctype html><title>Requests</title>", "text/html"));
        ModuleFiles.MapTo(server._app);
        server._app.MapGet("/reports/{row:int}", (int row) => server._reports[row].TrySetResult());
        server._app.Map("/{row:int}/{**path}", server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public static string PathOf(int row) => string.Create(CultureInfo.InvariantCulture, $"/{row}/");

    public static string ReportPathOf(int row) => string.Create(CultureInfo.InvariantCulture, $"/reports/{row}");

    public IReadOnlyList<Ask> AsksOf(int row) => [.. _asks[row]];

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, int row, string? path)
    {
        var place = _asks[row].Count;
        _asks[row].Enqueue(await AskOf(context.Request, "/" + path, _rows[row].With.Header));
        var answer = _rows[row].Answers.ElementAtOrDefault(place) ?? new(StatusCodes.Status204NoContent);

        context.Response.StatusCode = answer.Status;
        if (answer.Location is { } location)
        {
            context.Response.Headers.Location = location.Length > 0 ? PathOf(row).TrimEnd('/') + location : "";
        }

        if (answer.Status != StatusCodes.Status200OK && answer.Body is null) return;
        if (answer.ContentType is { } type) context.Response.Headers.ContentType = type;
        if (answer.Status == StatusCodes.Status200OK) await context.Response.BodyWriter.WriteAsync(SoonAgain);
        if (answer.Body is { } body) await context.Response.BodyWriter.WriteAsync(body);
        await context.Response.BodyWriter.FlushAsync();
        if (!answer.IsCut) return;
        if (_cutsAfterReport) await _reports[row].Task.OrFail($"an event in row '{_rows[row].Name}'");
        throw new IOException("The body breaks off here.");
    }

    private static async Task<Ask> AskOf(HttpRequest request, string path, string? header)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        var name = header?.Split(':')[0];
        return new(
            request.Method,
            path,
            request.Headers.TryGetValue("Last-Event-ID", out var position) ? position.ToString() : null,
            name is not null && request.Headers.TryGetValue(name, out var value) ? $"{name}: {value}" : null,
            body.Length > 0 ? body : null)
        {
            Accept = request.Headers.Accept.ToString(),
            CacheControl = request.Headers.CacheControl.ToString(),
        };
    }
}
