using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Some nodes that share a log.</summary>
/// <remarks>
/// The channel <c>news</c> and the channels <c>orders/{id}</c> are in the log; each node has its own channel <c>here</c>. A test may add
/// channels.
/// </remarks>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly List<TestApp> _apps = [];
    private readonly List<LogLink> _links = [];

    public SharedLog Log { get; private init; } = new();

    /// <summary>The sources of the streams at <c>/plain</c>, of all nodes.</summary>
    public SourcePerRequest PlainSources { get; } = new();

    /// <summary>Sets the options of the streams of nodes that are started later.</summary>
    public Action<EventStreamOptions> Streams { get; init; } = static _ => { };

    public TestApp this[int node] => _apps[node];

    public static async Task<Nodes> StartAsync(
        int count,
        Action<EventStreamChannelOptions>? news = null,
        Action<EventStreamLogOptions>? options = null,
        TimeProvider? logTime = null)
    {
        var nodes = new Nodes { Log = new() { Time = logTime ?? TimeProvider.System } };
        for (var i = 0; i < count; i++) await nodes.AddAsync(news, options);
        return nodes;
    }

    /// <summary>A node's way to the log.</summary>
    public LogLink LinkOf(int node) => _links[node];

    /// <summary>
    /// Starts one more, as after a restart: it knows nothing but the log. Returns when it has announced itself, and read that.
    /// </summary>
    public async Task<TestApp> AddAsync(Action<EventStreamChannelOptions>? news = null, Action<EventStreamLogOptions>? options = null)
    {
        var app = await AddAsync(_ => { }, news, options);
        await Soon.Until(() => app.Lease().IsValid, "the node has announced itself and read that");
        return app;
    }

    /// <summary>Starts one more, whose way to the log is narrow from the beginning.</summary>
    public async Task<TestApp> AddAsync(
        Action<LogLink> narrow, Action<EventStreamChannelOptions>? news = null, Action<EventStreamLogOptions>? options = null)
    {
        var link = new LogLink(Log);
        narrow(link);
        var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news", news).AddChannel("orders/{id}").AddChannel("here", here =>
            {
                news?.Invoke(here);
                here.InMemory = true;
            }).AddLog(_ => link, options),
            app =>
            {
                app.Use((context, next) =>
                {
                    context.Response.Headers["X-Connection"] = context.Connection.Id;
                    return next(context);
                });
                app.UseAuthentication().UseAuthorization();
                app.MapGet("/plain", () => TypedResults.EventStream(PlainSources.Open()));
                app.MapGet("/running/{id}", (string id) => Results.EventStreamRun($"orders/{id}"));
            },
            services: services =>
            {
                HeaderAuthentication.AddTo(services);
                services.Configure(Streams);
            });
        _links.Add(link);
        _apps.Add(app);
        return app;
    }

    /// <summary>Moves the clocks of all nodes.</summary>
    public void Advance(TimeSpan span) => _apps.ForEach(app => app.Time.Advance(span));

    /// <summary>Moves the clocks, second by second, until something is so.</summary>
    public Task AdvanceUntil(Func<bool> condition, string what) => AdvanceUntil(TimeSpan.FromSeconds(1), condition, what);

    /// <summary>Advances the clocks in steps until a condition is true.</summary>
    /// <remarks>A test that measures the time afterwards uses small steps, because the clocks do not wait for the nodes.</remarks>
    public Task AdvanceUntil(TimeSpan step, Func<bool> condition, string what) => Soon.Until(
        () =>
        {
            if (condition()) return true;
            Advance(step);
            return false;
        },
        what);

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links) link.Mend();
        foreach (var app in _apps) await app.DisposeAsync();
    }
}
