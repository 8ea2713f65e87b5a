using EventStream.PostgreSql.Appending;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

public sealed class AppendConnectionsTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Run_OneAfterTheOther_IsOnTheSameLine()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        using var connections = new AppendConnections(node.Database);

        var connection = await TakeAsync(connections);

        (await TakeAsync(connections)).Should().BeSameAs(connection);
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_AfterASilence_IsOnAnother()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        using var connections = new AppendConnections(node.Database);
        var connection = await TakeAsync(connections);

        time.Advance(Silence);

        connection.IsOpen.Should().BeFalse("the pool has its connection");
        (await TakeAsync(connections)).Should().NotBeSameAs(connection);
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_LineThatWasFoundDead_IsOnAnother()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync() + ";Keepalive=1", time: new FakeTime());
        using var connections = new AppendConnections(node.Database);
        var connection = await TakeAsync(connections);
        await node.CutAsync();
        await Soon.Until(() => !connection.IsOpen, "Npgsql has noticed");

        (await TakeAsync(connections)).IsOpen.Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_MoreAtATimeThanAreKept_GivesTheOthersBack()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync() + ";Maximum Pool Size=5", time: new FakeTime());
        using var connections = new AppendConnections(node.Database);
        var together = new TaskCompletionSource();
        var running = Enumerable.Range(0, 5).Select(_ => connections.RunAsync(async (connection, _) =>
        {
            await together.Task;
            return connection;
        }, CancellationToken.None).AsTask()).ToArray();

        together.SetResult();
        var used = await Task.WhenAll(running).OrFail();

        used.Count(connection => connection.IsOpen).Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Dispose_GivesBackWhatWasKept_AndKeepsNothingMore()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        using var connections = new AppendConnections(node.Database);
        var connection = await TakeAsync(connections);

        connections.Dispose();

        connection.IsOpen.Should().BeFalse();
        (await TakeAsync(connections)).IsOpen.Should().BeFalse();
    }

    private static ValueTask<AppendConnection> TakeAsync(AppendConnections connections) =>
        connections.RunAsync((connection, _) => ValueTask.FromResult(connection), CancellationToken.None);
}
