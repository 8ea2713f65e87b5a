namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Some nodes that are killed and started again, one after the other.</summary>
/// <remarks>Its client sends each request to any node that runs.</remarks>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly string _database;
    private readonly double _lifetime;
    private readonly NodeProcess?[] _nodes;

    private Cluster(string database, int nodes, double lifetime)
    {
        _database = database;
        _lifetime = lifetime;
        _nodes = new NodeProcess?[nodes];
        Client = new HttpClient(new AnyNode(this)) { BaseAddress = new Uri("http://cluster.invalid"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Sends each request to a node that it chooses.</summary>
    public HttpClient Client { get; }

    public static async Task<Cluster> StartAsync(string database, int nodes, double lifetime)
    {
        var cluster = new Cluster(database, nodes, lifetime);
        await Task.WhenAll(Enumerable.Range(0, nodes).Select(cluster.StartAsync));
        return cluster;
    }

    public async Task StartAsync(int node) => Volatile.Write(ref _nodes[node], await NodeProcess.StartAsync(_database, _lifetime));

    public void Kill(int node) => Interlocked.Exchange(ref _nodes[node], null)?.Dispose();

    public ValueTask DisposeAsync()
    {
        for (var node = 0; node < _nodes.Length; node++) Kill(node);
        Client.Dispose();
        return default;
    }

    private Uri? Pick()
    {
        var running = _nodes.Select(node => node?.Address).OfType<Uri>().ToArray();
        return running.Length == 0 ? null : running[Random.Shared.Next(running.Length)];
    }

    private sealed class AnyNode(Cluster cluster) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var node = cluster.Pick() ?? throw new HttpRequestException("No node runs.");
            request.RequestUri = new Uri(node, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
