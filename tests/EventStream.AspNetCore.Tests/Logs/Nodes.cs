using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Some nodes that share a log, with the channel <c>news</c>, channels <c>orders/{id}</c>, and what a test adds.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly List<TestApp> _apps = [];

    public SharedLog Log { get; } = new();

    public TestApp this[int node] => _apps[node];

    public static async Task<Nodes> StartAsync(int count, Action<EventStreamChannelOptions>? news = null, Action<EventStreamOptions>? options = null)
    {
        var nodes = new Nodes();
        for (var i = 0; i < count; i++) await nodes.AddAsync(news, options);
        return nodes;
    }

    /// <summary>Starts one more, as after a restart: it knows nothing but the log.</summary>
    public async Task<TestApp> AddAsync(Action<EventStreamChannelOptions>? news = null, Action<EventStreamOptions>? options = null)
    {
        var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news", news).AddChannel("orders/{id}").AddLog(_ => Log),
            app => app.UseAuthentication().UseAuthorization(),
            options,
            HeaderAuthentication.AddTo);
        _apps.Add(app);
        return app;
    }

    /// <summary>Moves the clocks of all nodes.</summary>
    public void Advance(TimeSpan span) => _apps.ForEach(app => app.Time.Advance(span));

    /// <summary>Moves the clocks, second by second, until something is so.</summary>
    public Task AdvanceUntil(Func<bool> condition, string what) => Soon.Until(
        () =>
        {
            if (condition()) return true;
            Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        what);

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps) await app.DisposeAsync();
    }
}
