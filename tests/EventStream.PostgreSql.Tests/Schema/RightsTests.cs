using EventStream.PostgreSql.Retention;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Schema;

public sealed class RightsTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Role_WithTheLeastRights_CanDoAllButMakeTheSchema()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = await LogNode.StartAsync(database);
        var app = await CreateRoleAsync(owner, database);
        await owner.ExecuteAsync(
            $"GRANT USAGE ON SCHEMA eventstream TO {app.Username}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
            + $"eventstream TO {app.Username}");

        await using var node = await LogNode.StartAsync(
            app.ConnectionString, new() { CreateSchema = false, Retention = new() { MaxCount = 1, MaxAge = TimeSpan.FromSeconds(1) } });
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await hints.MoveNextAsync().AsTask().OrFail();
        await node.AppendAsync(
            Message("states", "a", new() { Key = "k", IdempotencyKey = "i" }, replaces: true), Message("news", "b"), End("run"));
        await node.PublishAsync(Message("news", "c"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("news")).Texts().Should().Equal("b", "c");
        EventStreamRunClaim claim = new() { Channel = "answer", Token = "a", Node = "", Lease = TimeSpan.Zero };
        await node.Log.ClaimRunAsync(claim, CancellationToken.None);
        await node.Log.ClaimRunAsync(claim with { Token = "b" }, CancellationToken.None);
        (await node.Log.EndAbandonedRunsAsync(TimeSpan.Zero, CancellationToken.None)).Should().ContainSingle();
        await owner.ExecuteAsync("UPDATE eventstream.channel SET changed_at = changed_at - interval '1 hour'");
        (await new RetentionSweep(node.Database).RunAsync(CancellationToken.None)).Should().Be((1, 2));
    }

    [Fact(Timeout = 60_000)]
    public async Task Role_WithASchemaOfItsOwn_MakesTheTablesInIt()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = LogNode.Unprepared(database);
        var app = await CreateRoleAsync(owner, database);
        await owner.ExecuteAsync($"CREATE SCHEMA eventstream AUTHORIZATION {app.Username}");

        await using var node = await LogNode.StartAsync(app.ConnectionString);

        (await node.AppendAsync(Message("news", "a"))).Should().Equal(await node.AtAsync("news", 1));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Role_WithoutRights_FailsTheStartWithWhatToGrant(bool schemaExists)
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = LogNode.Unprepared(database);
        if (schemaExists) await owner.SetUpAsync();
        var app = await CreateRoleAsync(owner, database);

        var start = () => LogNode.StartAsync(app.ConnectionString);

        (await start.Should().ThrowAsync<EventStreamLogException>().WithMessage("*lacks a right. Grant it USAGE*permission denied*"))
            .Which.IsTransient.Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_RightTakenAway_NamesWhatToGrantAndAppendsNothing()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = await LogNode.StartAsync(database);
        var app = await CreateRoleAsync(owner, database);
        await owner.ExecuteAsync(
            $"GRANT USAGE ON SCHEMA eventstream TO {app.Username}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
            + $"eventstream TO {app.Username}; REVOKE INSERT ON eventstream.message FROM {app.Username}");
        await using var node = await LogNode.StartAsync(app.ConnectionString);

        var append = () => node.AppendAsync(Message("news", "a"));

        await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("*lacks a right*message*");
        (await owner.ReadAsync("news")).Newest.Should().Be(0);
    }

    private static async Task<NpgsqlConnectionStringBuilder> CreateRoleAsync(LogNode owner, string database)
    {
        var role = $"app_{Guid.NewGuid():N}";
        await owner.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        return new(database) { Username = role, Password = "secret" };
    }
}
