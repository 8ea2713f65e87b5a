using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

public sealed class UnknownOutcomeTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_ConnectionLostAfterTheCommit_IsUnknownAndSafeToRepeatWithAKey()
    {
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString);
        await node.AppendAsync(Message("news", "first"));
        var append = () => node.AppendAsync(Keyed("news", "a", "key"));

        proxy.Cut(commits: 1);
        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("*may have been published*IdempotencyKey*"))
            .Which.Should().BeEquivalentTo(new { IsOutcomeUnknown = true, IsTransient = true });

        (await append()).Should().Equal(await node.AtAsync("news", 2));
        (await node.ReadAsync("news")).Texts().Should().Equal("first", "a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ServerProcessKilledAtTheCommit_IsUnknownAndSafeToRepeatWithAKey()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "first"));
        await node.ExecuteAsync(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER die AFTER INSERT ON eventstream.message
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
            """);
        var append = () => node.AppendAsync(Keyed("news", "a", "key"));

        (await append.Should().ThrowAsync<EventStreamLogException>()).Which.IsOutcomeUnknown.Should().BeTrue();
        await node.ExecuteAsync("DROP TRIGGER die ON eventstream.message");

        (await append()).Should().Equal(await node.AtAsync("news", 2));
        (await node.ReadAsync("news")).Texts().Should().Equal("first", "a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_CommitThatIsRefused_IsNotUnknown()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not this one''; END';
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON eventstream.message
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);

        var append = () => node.AppendAsync(Message("news", "a"));

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("*not this one*"))
            .Which.IsOutcomeUnknown.Should().BeFalse();
        node.Database.Availability.Failure.Should().BeNull("a message that is refused says nothing of the database");
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ConnectionLostAfterTheCommit_IsDoneOnce()
    {
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString);
        await node.PublishAsync(Message("news", "a"), Message("news", "b"));

        proxy.Cut(commits: 1);
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ToANewChannelWhoseMakingWasNotAnswered_IsDone()
    {
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString);

        // One with a key looks first, so the first commit is that of the channel.
        proxy.Cut(commits: 1);

        (await node.AppendAsync(Keyed("news", "a", "key"))).Should().Equal(await node.AtAsync("news", 1));
    }
}
