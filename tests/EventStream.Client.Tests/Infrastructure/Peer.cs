using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>A server on Kestrel whose answers a test writes: one after the other, and then 204.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers;
    private readonly List<SeenRequest> _requests = [];
    private volatile bool _isAnswering;

    private Peer(WebApplication app, IEnumerable<Func<HttpContext, Task>> answers, bool http2)
    {
        _app = app;
        _answers = new(answers);
        // A connection that is not closed at once is drained for longer than a test takes.
        Client = new(new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.FromMinutes(5) })
        {
            DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Soon.Limit,
        };
    }

    public HttpClient Client { get; }

    /// <summary>The client's clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    /// <summary>Whether the client has asked, and has no headers yet.</summary>
    public bool IsAnswering => _isAnswering;

    /// <summary>What was asked so far, in order.</summary>
    public IReadOnlyList<SeenRequest> Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    public static Task<Peer> StartAsync(params Func<HttpContext, Task>[] answers) => StartAsync(false, answers);

    public static async Task<Peer> StartAsync(bool http2, params Func<HttpContext, Task>[] answers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var peer = new Peer(app, answers, http2);
        app.Run(peer.AnswerAsync);
        await app.StartAsync();
        peer.Client.BaseAddress = new(app.Urls.Single());
        return peer;
    }

    /// <summary>An answer that is a stream of these bytes, and ends cleanly.</summary>
    public static Func<HttpContext, Task> Stream(string text) => context => SendAsync(context, text);

    /// <summary>An answer that sends these bytes as a stream, and is then cut.</summary>
    /// <remarks>
    /// Over HTTP/2 a cut overtakes the bytes, so the answer can wait until the client has <paramref name="received"/> them.
    /// </remarks>
    public static Func<HttpContext, Task> Cut(string text, Task? received = null) => async context =>
    {
        await SendAsync(context, text);
        if (received is not null) await received.OrFail("the client has read what comes before the cut");
        // Not Abort, which loses what was sent.
        throw new IOException("cut");
    };

    /// <summary>An answer that is a stream of these bytes, and then silent until the client leaves.</summary>
    public static Func<HttpContext, Task> Silent(string text, TaskCompletionSource? left = null) => async context =>
    {
        await SendAsync(context, text);
        await GoneAsync(context);
        left?.TrySetResult();
    };

    public static Func<HttpContext, Task> Status(
        int status, string body = "", string type = "text/plain", Action<HttpResponse>? change = null) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        change?.Invoke(context.Response);
        await context.Response.WriteAsync(body);
    };

    public static async Task SendAsync(HttpContext context, string text)
    {
        if (!context.Response.HasStarted) context.Response.ContentType = "text/event-stream";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.Body.FlushAsync();
    }

    public static async Task GoneAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>Reads until the stream ends, while the clock runs.</summary>
    /// <param name="options">The client's; its clock is set.</param>
    /// <param name="received">Completed at the first event.</param>
    /// <param name="passes">
    /// Whether the clock runs at the moment; null, the default, is always but while an answer is under way, however long that takes.
    /// </param>
    public async Task<List<EventStreamClientEvent>> ReadToEndAsync(
        EventStreamClientOptions? options = null, TaskCompletionSource? received = null, Func<bool>? passes = null)
    {
        List<EventStreamClientEvent> events = [];
        await WhileTimePasses(Task.Run(async () =>
        {
            await foreach (var message in Read(options))
            {
                events.Add(message);
                received?.TrySetResult();
            }
        }), passes);
        return events;
    }

    public IAsyncEnumerable<EventStreamClientEvent> Read(
        EventStreamClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        options.TimeProvider = Time;
        var prepare = options.PrepareRequest;
        options.PrepareRequest = (request, stop) =>
        {
            _isAnswering = true;
            return prepare?.Invoke(request, stop) ?? ValueTask.CompletedTask;
        };
        options.OnOpened += _ => _isAnswering = false;
        options.OnRetrying += _ => _isAnswering = false;
        return Client.ReadEventStreamAsync("/", options, cancellationToken);
    }

    /// <summary>Lets the client's clock run, a quarter of a second at a time, until the task is done.</summary>
    public Task WhileTimePasses(Task task, Func<bool>? passes = null) => WhileTimePasses(task, Time, passes ?? (() => !_isAnswering));

    public static async Task WhileTimePasses(Task task, FakeTimeProvider time, Func<bool>? passes = null)
    {
        await Soon.Until(
            () =>
            {
                if (passes?.Invoke() is not false) time.Advance(TimeSpan.FromSeconds(0.25));
                return task.IsCompleted;
            },
            "the reading while time passes");
        await task;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        var seen = new SeenRequest(
            context.Request.Method,
            context.Request.Path,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await body.ReadToEndAsync(),
            Time.GetUtcNow());
        lock (_requests) _requests.Add(seen);
        if (_answers.TryDequeue(out var answer)) await answer(context);
        else context.Response.StatusCode = 204;
    }
}
