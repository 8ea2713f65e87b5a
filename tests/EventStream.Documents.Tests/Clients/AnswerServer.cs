using System.Collections.Concurrent;
using System.Threading.Channels;
using EventStream.Documents.Tests.Pages;

namespace EventStream.Documents.Tests.Clients;

/// <summary>A server that answers a client's first request in a given way, and keeps the position of each request.</summary>
internal sealed class AnswerServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Channel<string?>> _positions = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _cuts = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventstream-clients-");
    private readonly WebApplication _app;

    private AnswerServer()
    {
        BrowserPage.CopyScripts(Path.Combine(_folder.FullName, "wwwroot"));
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _folder.FullName });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.UseStaticFiles();
        _app.MapGet("/", () => TypedResults.Content(
            $"<!doctype html><title>Clients</title>{BrowserPage.ImportMap}<script type=\"module\" src=\"/clients.js\"></script>",
            "text/html"));
        _app.MapGet("/clients.js", () => TypedResults.PhysicalFile(
            Repository.PathOf("tests", "EventStream.Documents.Tests", "Clients", "clients.js"), "text/javascript"));
        _app.MapGet("/stream/{answer}", AnswerAsync);
        _app.Urls.Add("http://127.0.0.1:0");
    }

    public string Address => _app.Urls.Single();

    public static async Task<AnswerServer> StartAsync()
    {
        var server = new AnswerServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The position that the next request for an answer brings; null if it brings none.</summary>
    public async Task<string?> NextRequestAsync(string answer) => await PositionsOf(answer).Reader.ReadAsync();

    /// <summary>Breaks the connections of an answer: the page has read what was sent on the first.</summary>
    public void Cut(string answer) => CutOf(answer).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task AnswerAsync(string answer, HttpContext context)
    {
        PositionsOf(answer).Writer.TryWrite(context.Request.Headers["Last-Event-ID"].FirstOrDefault());
        var response = context.Response;
        if (int.TryParse(answer, out var status))
        {
            response.StatusCode = status;
            return;
        }

        response.ContentType = "text/event-stream";
        await response.WriteAsync(answer switch
        {
            "end" or "cut" => "retry: 100\nid: 1\ndata: a\n\n",
            "id" => "retry: 100\nid: 1\n\ndata: last\n\n",
            "keep-alive" => ":\n\ndata: last\n\n",
            _ => throw new ArgumentException($"No answer is named '{answer}'.", nameof(answer)),
        });
        await response.Body.FlushAsync();
        if (answer == "end") return;
        await CutOf(answer).Task.WaitAsync(context.RequestAborted);
        context.Abort();
    }

    private TaskCompletionSource CutOf(string answer) =>
        _cuts.GetOrAdd(answer, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private Channel<string?> PositionsOf(string answer) => _positions.GetOrAdd(answer, _ => Channel.CreateUnbounded<string?>());
}
