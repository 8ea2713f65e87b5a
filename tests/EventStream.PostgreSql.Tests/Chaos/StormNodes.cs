using Npgsql;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Three nodes of a storm: the first one always runs, the others are restarted, killed or frozen now and then.</summary>
internal sealed class StormNodes : IAsyncDisposable
{
    private readonly string _database;
    private readonly NodeProcess?[] _nodes = new NodeProcess?[3];

    private StormNodes(string database) => _database = database;

    /// <summary>What happened to the nodes, and how often.</summary>
    public Dictionary<string, int> Troubles { get; } = [];

    public static async Task<StormNodes> StartAsync(string database)
    {
        var nodes = new StormNodes(database);
        await Task.WhenAll(Enumerable.Range(0, nodes._nodes.Length).Select(nodes.StartAsync));
        return nodes;
    }

    /// <summary>The address of a node that runs and is not frozen, at random.</summary>
    public Uri Pick(Random random)
    {
        while (true)
        {
            if (Volatile.Read(ref _nodes[random.Next(_nodes.Length)]) is { } node) return node.Address;
        }
    }

    /// <summary>Makes trouble until the time is over. All nodes run when it returns.</summary>
    /// <param name="duration">The time.</param>
    /// <param name="kills">Whether nodes are also killed, after which a call names them for half a minute.</param>
    public async Task TroubleAsync(TimeSpan duration, bool kills)
    {
        var random = new Random(1);
        var started = TimeProvider.System.GetTimestamp();
        for (var turn = 0; TimeProvider.System.GetElapsedTime(started) < duration; turn++)
        {
            await Task.Delay(random.Next(500, 1500));
            await (turn % 4 == 3 && !kills ? FreezeAsync(node: 1 + turn % 2, random.Next(200, 1200)) : OnceAsync(turn, random));
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) node?.Dispose();
        return default;
    }

    private Task OnceAsync(int turn, Random random)
    {
        var node = 1 + turn / 2 % 2;
        return (turn % 8) switch
        {
            // Less than the timeout of a call, which then waits for it; and more, so that the call names the node.
            0 or 5 or 6 => FreezeAsync(node, random.Next(200, 1200)),
            2 or 4 => FreezeAsync(node, random.Next(3000, 5000)),
            7 => KillAsync(node),
            _ => RestartAsync(node),
        };
    }

    private async Task FreezeAsync(int node, int milliseconds)
    {
        var isLong = milliseconds > 2000;
        Count($"frozen for {(isLong ? "more" : "less")} than the timeout");
        var process = Interlocked.Exchange(ref _nodes[node], null)!;
        process.Freeze();
        await Task.Delay(milliseconds);
        if (isLong) await ThawBeforeTheLogAsync(process);
        else process.Thaw();
        Volatile.Write(ref _nodes[node], process);
    }

    /// <summary>Lets a node continue while it cannot read the revocations that it has missed. Only its lease keeps messages back.</summary>
    private async Task ThawBeforeTheLogAsync(NodeProcess process)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            "SET LOCAL lock_timeout = '1s'; LOCK TABLE eventstream.channel IN ACCESS EXCLUSIVE MODE", connection);
        try
        {
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // The node has been frozen inside of an append, and must continue first.
        }

        process.Thaw();
        await Task.Delay(TimeSpan.FromMilliseconds(300));
    }

    private async Task RestartAsync(int node)
    {
        Count("restarted");
        using (var process = Interlocked.Exchange(ref _nodes[node], null)!)
        {
            process.BeginStop();
            await process.HasStoppedAsync();
        }

        await StartAsync(node);
    }

    private async Task KillAsync(int node)
    {
        Count("killed");
        Interlocked.Exchange(ref _nodes[node], null)!.Dispose();
        await StartAsync(node);
    }

    private async Task StartAsync(int node) =>
        Volatile.Write(ref _nodes[node], await NodeProcess.StartAsync(_database, lifetime: 3600, hasStorm: true));

    private void Count(string trouble) => Troubles[trouble] = Troubles.GetValueOrDefault(trouble) + 1;
}
