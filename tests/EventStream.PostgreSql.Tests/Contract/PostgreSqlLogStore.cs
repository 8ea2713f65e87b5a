using EventStream.Testing.Logs;
using EventStream.PostgreSql.Retention;

namespace EventStream.PostgreSql.Tests.Contract;

/// <summary>Its own database, which every node opens with its own connections.</summary>
internal sealed class PostgreSqlLogStore(SharedServer server) : LogStore
{
    private readonly List<LogNode> _nodes = [];
    private string? _database;

    public override async Task<IEventStreamLog> OpenAsync()
    {
        _database ??= await server.CreateDatabaseAsync();
        var node = await LogNode.StartAsync(_database, new() { PollInterval = TimeSpan.FromHours(1) });
        _nodes.Add(node);
        return node.Log;
    }

    public override async Task DropAsync(string channel, long through)
    {
        await _nodes[0].ExecuteAsync(
            $"UPDATE eventstream.message SET published_at = '2001-01-01' WHERE sequence <= {through} AND channel = (SELECT id FROM "
            + $"eventstream.channel WHERE name = '{channel}')");
        await new RetentionSweep(_nodes[0].Database).RunAsync(CancellationToken.None);
    }

    public override async Task ForgetAsync(string channel)
    {
        await _nodes[0].ExecuteAsync(
            $"""
             UPDATE eventstream.message SET published_at = '2001-01-01'
             WHERE channel = (SELECT id FROM eventstream.channel WHERE name = '{channel}');
             UPDATE eventstream.channel SET changed_at = '2001-01-01' WHERE name = '{channel}';
             """);
        (await new RetentionSweep(_nodes[0].Database).RunAsync(CancellationToken.None)).Channels.Should().Be(1);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await base.DisposeAsync();
    }
}
