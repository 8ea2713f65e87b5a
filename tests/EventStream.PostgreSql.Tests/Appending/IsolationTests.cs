using Npgsql;

namespace EventStream.PostgreSql.Tests.Appending;

/// <summary>
/// The database rejects some of the messages that a node publishes together: those fail, and the others are published, in order.
/// </summary>
public sealed class IsolationTests(SharedServer server)
{
    private const int Messages = 100;

    // Counts the tries. A sequence keeps its count where the transaction is rolled back.
    private const string CountTries =
        """
        CREATE SEQUENCE tries;
        CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''public.tries''); RETURN NULL; END';
        CREATE TRIGGER count_try BEFORE INSERT ON eventstream.message FOR EACH STATEMENT EXECUTE FUNCTION count_try();
        GRANT ALL ON SEQUENCE tries TO public;
        """;

    private const string Bombs =
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no bombs'' USING ERRCODE = tg_argv[0]; END';
        CREATE TRIGGER fail BEFORE INSERT ON eventstream.message FOR EACH ROW WHEN (new.sender = 'bomb') EXECUTE FUNCTION fail
        """;

    private const string Policy =
        """
        ALTER TABLE eventstream.message ENABLE ROW LEVEL SECURITY;
        CREATE POLICY no_bombs ON eventstream.message USING (true) WITH CHECK (sender <> 'bomb')
        """;

    [Theory(Timeout = 120_000)]
    [InlineData("ALTER TABLE eventstream.message ADD CONSTRAINT no_bombs CHECK (sender <> 'bomb')", "*no_bombs*")]
    [InlineData(Bombs + "('42501')", "*rejected a message*no bombs*")]
    [InlineData(Bombs + "('EV001')", "*rejected a message*no bombs*")]
    [InlineData(Policy, "*row-level security*")]
    public async Task Rejected_TenOfAHundred_FailAndTheOthersArePublishedInOrder(string rule, string message)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync($"{CountTries}; {rule}");
        await using var app = await StartAsync(await AppRoleAsync(node));
        static bool IsBad(int i) => i % 10 == 7;

        var publishing = await PublishAsync(app, i => "orders/7", i => IsBad(i) ? "bomb" : "fine");

        publishing.Select(task => task.IsFaulted).Should().Equal(Enumerable.Range(0, Messages).Select(IsBad));
        foreach (var bad in publishing.Where(task => task.IsFaulted))
        {
            await bad.Invoking(task => task).Should().ThrowAsync<EventStreamLogException>().WithMessage(message);
        }

        var expected = Enumerable.Range(0, Messages).Where(i => !IsBad(i)).Select(i => $"data: {i}\n\n");
        (await node.ReadAsync("orders/7")).Texts().Should().Equal(expected);

        // About 2·r·log₂ n, and the first message, which goes alone.
        (await node.ScalarAsync("SELECT last_value FROM tries")).Should().BeOfType<long>().Which.Should().BeLessThanOrEqualTo(2 * 10 * 7);
        node.Logs.Of(1).Should().BeEmpty();
    }

    [Fact(Timeout = 120_000)]
    public async Task Rejected_ForAMissingRight_AreOneTryForAllThatArePublishedTogether()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var role = await AppRoleAsync(node);
        await using var app = await StartAsync(role);
        await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/7", "first");
        await node.ExecuteAsync($"REVOKE INSERT ON eventstream.message FROM {role.Username}");

        var publishing = await PublishAsync(app, i => "orders/7", i => null);

        foreach (var one in publishing)
        {
            (await one.Invoking(task => task).Should().ThrowAsync<EventStreamLogException>().WithMessage("*lacks a right*"))
                .Which.RejectsAll.Should().BeTrue();
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Rejected_ForARightThatOnlyNewChannelsNeed_AreTheNewChannels()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var role = await AppRoleAsync(node);
        await using var app = await StartAsync(role);
        await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/1", "first");
        await node.ExecuteAsync($"REVOKE INSERT ON eventstream.channel FROM {role.Username}");

        var publishing = await PublishAsync(app, i => i % 20 == 3 ? $"orders/new{i}" : "orders/1", i => null);

        publishing.Select(task => task.IsFaulted).Should().Equal(Enumerable.Range(0, Messages).Select(i => i % 20 == 3));
        (await node.ReadAsync("orders/1")).Newest.Should().Be(96);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("wrong password", true)]
    [InlineData("REVOKE INSERT ON eventstream.message FROM {0}", true)]
    [InlineData("REVOKE INSERT ON eventstream.channel FROM {0}", false)]
    [InlineData("DROP TABLE eventstream.message", true)]
    [InlineData("ALTER TABLE eventstream.message ADD CONSTRAINT none CHECK (false) NOT VALID", false)]
    public async Task Append_Rejected_ReportsWhetherEveryOtherIsToo(string what, bool all)
    {
        await using var owner = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var role = await AppRoleAsync(owner);
        await using var node = await LogNode.StartAsync(role.ConnectionString, new() { CreateSchema = false });
        await node.AppendAsync(Records.Message("old", "a"));
        await owner.ExecuteAsync(
            what == "wrong password" ? $"ALTER ROLE {role.Username} PASSWORD 'another'" : string.Format(null, what, role.Username));
        if (what == "wrong password") await owner.CutAsync();

        var append = () => node.AppendAsync(Records.Message("new", "b"));

        (await append.Should().ThrowAsync<EventStreamLogException>())
            .Which.Should().BeEquivalentTo(new { IsTransient = false, RejectsAll = all });
    }

    private static async Task<Task<EventStreamPosition>[]> PublishAsync(
        WebApplication app, Func<int, string> channel, Func<int, string?> sender)
    {
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        var publishing = Enumerable.Range(0, Messages).Select(PublishOneAsync).ToArray();
        await Task.WhenAll(publishing).ContinueWith(_ => { }, TaskScheduler.Default).OrFail();
        return publishing;

        Task<EventStreamPosition> PublishOneAsync(int i) =>
            hub.PublishAsync(channel(i), new EventStreamMessage { Data = $"{i}" }, new() { Sender = sender(i) }).AsTask();
    }

    private static async Task<NpgsqlConnectionStringBuilder> AppRoleAsync(LogNode owner)
    {
        var role = $"app_{Guid.NewGuid():N}";
        await owner.ExecuteAsync(
            $"""
             CREATE ROLE {role} LOGIN PASSWORD 'secret';
             GRANT USAGE ON SCHEMA eventstream TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventstream TO {role};
             """);
        return new(owner.ConnectionString) { Username = role, Password = "secret" };
    }

    private static async Task<WebApplication> StartAsync(NpgsqlConnectionStringBuilder role)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddEventStreams().AddChannel("orders/{id}").AddPostgreSql(role.ConnectionString, o => o.CreateSchema = false);
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }
}
