using EventStream.PostgreSql.Tests.Chaos;

namespace EventStream.PostgreSql.Tests.Rolling;

/// <summary>Two nodes behind nginx, with sticky sessions, of which one is restarted while both are in use.</summary>
/// <remarks>
/// A client's number decides its node, unless that node is not ready. As a load balancer does, a loop asks both nodes whether they are
/// ready. It writes a file for a node that is not, and nginx looks for the file at each request.
/// </remarks>
internal sealed class BalancedNodes : IAsyncDisposable
{
    public const double DrainTimeout = 4;

    /// <summary>The header with a client's number.</summary>
    public const string ClientHeader = "X-Client";

    private static readonly string[] Names = ["a", "b"];

    private readonly string _database;
    private readonly DirectoryInfo _flags = Directory.CreateTempSubdirectory("eventstream-ready-");
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _direct = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly NodeProcess[] _nodes = new NodeProcess[2];
    private Task _probing = Task.CompletedTask;
    private Nginx? _nginx;

    private BalancedNodes(string database) => _database = database;

    /// <summary>Sends requests through nginx.</summary>
    public HttpClient Client { get; private set; } = null!;

    public static async Task<BalancedNodes> StartAsync(string database)
    {
        var nodes = new BalancedNodes(database);
        for (var node = 0; node < 2; node++) nodes._nodes[node] = await NodeProcess.StartAsync(database, lifetime: 600, DrainTimeout);
        nodes._nginx = await Nginx.StartAsync("http://node_$node", Directives(nodes._flags.FullName), Upstreams(nodes._nodes));
        nodes.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = nodes._nginx.Address,
            Timeout = TimeSpan.FromSeconds(30),
        };
        nodes._probing = nodes.ProbeAsync();
        return nodes;
    }

    /// <summary>Posts to each node that runs, past nginx, as a publisher does whose messages must reach the memory of both.</summary>
    public async Task PostToEachAsync(string path)
    {
        foreach (var node in _nodes)
        {
            try
            {
                using var response = await _direct.PostAsync(new Uri(node.Address, path), null);
            }
            catch (HttpRequestException)
            {
                // It is being restarted. If it still had a subscriber, that one would miss the message, and the test would see it.
            }
        }
    }

    /// <summary>Stops a node by SIGTERM, waits until it has ended, and starts another in its place.</summary>
    public async Task RestartAsync(int node)
    {
        var stopped = _nodes[node];
        stopped.BeginStop();
        (await stopped.HasStoppedAsync()).Should().Be(0, "it has stopped by itself");
        _nodes[node] = await NodeProcess.StartAsync(_database, lifetime: 600, DrainTimeout, stopped.Address);
        stopped.Dispose();
        await Soon.Until(() => !File.Exists(FlagOf(node)), "the node is ready again");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _probing;
        foreach (var node in _nodes) node?.Dispose();
        if (_nginx is not null) await _nginx.DisposeAsync();
        Client?.Dispose();
        _direct.Dispose();
        _end.Dispose();
        _flags.Delete(recursive: true);
    }

    private static string Upstreams(NodeProcess[] nodes) => $$"""
        map ${{"http_" + ClientHeader.ToLowerInvariant().Replace('-', '_')}} $sticky { ~[02468]$ a; default b; }
        upstream node_a { server {{nodes[0].Address.Authority}} max_fails=0; server {{nodes[1].Address.Authority}} backup; }
        upstream node_b { server {{nodes[1].Address.Authority}} max_fails=0; server {{nodes[0].Address.Authority}} backup; }
        """;

    private static string Directives(string flags) => $$"""
        set $node $sticky;
        if (-f {{flags}}/a) { set $node b; }
        if (-f {{flags}}/b) { set $node a; }
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        """;

    private string FlagOf(int node) => Path.Combine(_flags.FullName, Names[node]);

    private async Task ProbeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            for (var node = 0; node < 2; node++)
            {
                if (await IsReadyAsync(_nodes[node])) File.Delete(FlagOf(node));
                else await File.WriteAllTextAsync(FlagOf(node), "");
            }

            await Task.Delay(50);
        }
    }

    private async Task<bool> IsReadyAsync(NodeProcess node)
    {
        try
        {
            using var response = await _direct.GetAsync(new Uri(node.Address, "/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
