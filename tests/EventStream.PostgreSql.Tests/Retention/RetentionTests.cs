using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Retention;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Retention;

public sealed class RetentionTests(SharedServer server)
{
    private static readonly PostgreSqlRetention Everything = new() { MaxAge = null, MaxCount = null };

    [Fact(Timeout = 60_000)]
    public async Task Sweep_WithoutLimits_KeepsEverything()
    {
        await using var node = await StartAsync(Everything);
        await AppendAsync(node, "news", 20);
        await node.ExecuteAsync(
            "UPDATE eventstream.message SET published_at = '2001-01-01'; UPDATE eventstream.channel SET changed_at = '2001-01-01'");

        (await SweepAsync(node)).Should().Be((0, 0));

        (await node.ReadAsync("news")).Sequences().Should().Equal(Numbers(20));
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_ByAge_DropsWhatIsOlder()
    {
        await using var node = await StartAsync(Everything with { MaxAge = TimeSpan.FromHours(1) });
        await AppendAsync(node, "news", 10);
        await node.ExecuteAsync(
            "UPDATE eventstream.message SET published_at = now() - interval '61 minutes' WHERE sequence <= 4; "
            + "UPDATE eventstream.message SET published_at = now() - interval '59 minutes' WHERE sequence = 5");

        (await SweepAsync(node)).Should().Be((4, 0));

        var page = await node.ReadAsync("news");
        page.BeforeOldest.Should().Be(4);
        page.Sequences().Should().Equal(5, 6, 7, 8, 9, 10);
        (await node.ScalarAsync("SELECT min(sequence) FROM eventstream.message")).Should().Be(5L);
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_ByCount_KeepsTheNewest()
    {
        await using var node = await StartAsync(Everything with { MaxCount = 3 });
        await AppendAsync(node, "news", 10);

        (await SweepAsync(node)).Should().Be((7, 0));

        (await node.ReadAsync("news")).Should().BeEquivalentTo(new { BeforeOldest = 7L, Newest = 10L });
        (await SweepAsync(node)).Should().Be((0, 0));
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_ByBytes_KeepsTheNewestThatFit()
    {
        await using var node = await StartAsync(Everything with { MaxBytes = 1024 });
        await node.AppendAsync([.. Enumerable.Range(1, 10).Select(_ => Message("news", new string('x', 400)))]);

        (await SweepAsync(node)).Should().Be((8, 0));

        (await node.ReadAsync("news")).Sequences().Should().Equal(9, 10);
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_NewestLargerThanTheLimit_Stays()
    {
        await using var node = await StartAsync(Everything with { MaxBytes = 1024 });
        await node.AppendAsync(Message("news", "small"), Message("news", new string('x', 2000)));

        await SweepAsync(node);

        (await node.ReadAsync("news")).Sequences().Should().Equal(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_WhereOnlyReplacedMessagesAreMissing_ReportsNoLoss()
    {
        await using var node = await StartAsync(Everything with { MaxCount = 3 });
        for (var i = 0; i < 10; i++) await node.AppendAsync(Message("states", $"{i}", new() { Key = "k" }, replaces: true));

        (await SweepAsync(node)).Should().Be((0, 0));

        (await node.ReadAsync("states")).Should().BeEquivalentTo(new { BeforeOldest = 0L, Newest = 10L });
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_ManyChannelsAndMessages_InSmallStepsToTheEnd()
    {
        await using var node = await StartAsync(Everything with { MaxCount = 1 });
        await node.AppendAsync(
            [.. Enumerable.Range(0, 35).SelectMany(channel => Enumerable.Range(0, channel % 5).Select(_ => Message($"c{channel}", "x")))]);

        (await SweepAsync(node, mostChannels: 4, mostMessages: 3)).Should().Be((42, 0));

        (await node.ScalarAsync("SELECT count(*) FROM eventstream.message")).Should().Be(28L);
        (await node.ScalarAsync("SELECT bool_and(before_oldest = newest - 1) FROM eventstream.channel")).Should().Be(true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_AfterOneThatDidNotComeToItsEnd_DeletesWhatThatHasLeft()
    {
        await using var node = await StartAsync(Everything);
        await AppendAsync(node, "news", 10);
        await node.ExecuteAsync("UPDATE eventstream.channel SET before_oldest = 6");

        (await SweepAsync(node)).Should().Be((6, 0));
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_RulesOfNamesAndPatterns_AreForThoseChannels()
    {
        var options = new PostgreSqlLogOptions { Retention = Everything with { MaxCount = 5 } };
        options.Retentions["orders/{id}"] = Everything with { MaxCount = 2 };
        options.Retentions["orders/7"] = Everything;
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), options);
        foreach (var channel in (string[])["news", "orders/6", "orders/7", "orders/7/lines", "$nodes"])
        {
            await AppendAsync(node, channel, 10);
        }


        await SweepAsync(node);

        foreach (var (channel, kept) in ((string, int)[])
        [
            ("news", 5),
            ("orders/6", 2),
            ("orders/7", 10),
            ("orders/7/lines", 5),
            ("$nodes", 10),
        ])
        {
            (await node.ReadAsync(channel)).Records.Should().HaveCount(kept, channel);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_WhileAnotherNodeIsAtIt_DoesNothing()
    {
        await using var node = await StartAsync(Everything with { MaxCount = 1 });
        await AppendAsync(node, "news", 10);
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var other = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
            connection) { Parameters = { new() { Value = new NodeLock(node.Database, "retention").Name } } })
        {
            await other.ExecuteNonQueryAsync();
        }

        (await SweepAsync(node)).Should().Be((0, 0));
        await transaction.RollbackAsync();
        (await SweepAsync(node)).Should().Be((9, 0));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(90, false, false, false)]
    [InlineData(90, true, false, true)]
    [InlineData(130, false, false, false)]
    [InlineData(29 * 24 * 60, false, false, false)]
    [InlineData(31 * 24 * 60, false, false, true)]
    [InlineData(50, true, false, false)]
    [InlineData(130, true, true, false)]
    public async Task Sweep_ChannelWithoutMessages_IsDroppedAfterItsTime(int minutes, bool isComplete, bool hasMessage, bool isForgotten)
    {
        await using var node = await StartAsync(Everything with { MaxAge = TimeSpan.FromHours(1) });
        await node.MakeAsync("run");
        if (hasMessage) await node.AppendAsync(Message("run", "a"));
        if (isComplete) await node.AppendAsync(End("run"));
        await node.ExecuteAsync($"UPDATE eventstream.channel SET changed_at = now() - interval '{minutes} minutes'");

        (await SweepAsync(node)).Channels.Should().Be(isForgotten ? 1 : 0);

        ((await node.ReadAsync("run")).Epoch is null).Should().Be(isForgotten);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ToAChannelThatIsDroppedMeanwhile_MakesItAgain()
    {
        await using var node = await StartAsync(Everything);
        var before = (await node.AppendAsync(Message("run", "a")))[0];
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var deletion = new NpgsqlCommand("DELETE FROM eventstream.channel; DELETE FROM eventstream.message", connection))
        {
            await deletion.ExecuteNonQueryAsync();
        }


        var append = node.AppendAsync(Message("run", "b"));
        await node.UntilAnotherWaitsForALockAsync();
        await transaction.CommitAsync();

        (await append.OrFail()).Should().Equal(await node.AtAsync("run", 1)).And.NotEqual([before]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Channel_ThatIsDroppedAsSoonAsItIsMade_IsMadeUnderAnotherEpochByTheSameCall()
    {
        await using var node = await StartAsync(Everything);
        await node.ExecuteAsync(
            """
            CREATE TABLE made (number serial, epoch text);
            CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN
                INSERT INTO made (epoch) VALUES (new.epoch);
                IF (SELECT count(*) FROM made) < 3 THEN DELETE FROM eventstream.channel WHERE id = new.id; END IF;
                RETURN NULL;
            END$$;
            CREATE TRIGGER forget AFTER INSERT ON eventstream.channel FOR EACH ROW EXECUTE FUNCTION forget();
            """);

        var epoch = (await node.AppendAsync(Message("run", "a")))[0].Epoch();

        (await node.ScalarAsync("SELECT count(DISTINCT epoch) FROM made")).Should().Be(3L);
        (await node.ScalarAsync("SELECT epoch FROM made ORDER BY number DESC LIMIT 1")).Should().Be(epoch);
    }

    private static async Task AppendAsync(LogNode node, string channel, int count) =>
        await node.AppendAsync([.. Enumerable.Range(1, count).Select(i => Message(channel, $"{i}"))]);

    private static async Task<(long Messages, int Channels)> SweepAsync(LogNode node, int mostChannels = 500, int mostMessages = 1000) =>
        await new RetentionSweep(node.Database)
        {
            MostChannels = mostChannels,
            MostMessages = mostMessages,
        }.RunAsync(CancellationToken.None);

    private async Task<LogNode> StartAsync(PostgreSqlRetention retention) =>
        await LogNode.StartAsync(await server.CreateDatabaseAsync(), new() { Retention = retention });
}
