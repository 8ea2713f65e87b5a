using EventStream.PostgreSql.Database;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Database;

public sealed class IdentityTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_AfterTheTablesWereRestored_IsUnderANewEpoch()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database);
        await using var two = await LogNode.StartAsync(database);
        var before = await one.AppendAsync(Message("news", "a"), Message("prices", "b"));
        await one.RestoreAsync();

        var positions = await one.AppendAsync(Message("news", "c"));

        var page = await two.ReadAsync("news");
        page.Texts().Should().Equal("a", "c");
        page.Epoch.Should().MatchRegex("^[0-9a-hjkmnp-tv-z]{9}$").And.StartWith(before[0].Epoch()[..3]).And.NotBe(before[0].Epoch());
        positions.Should().Equal(new EventStreamPosition(page.Epoch!, 2));
        (await two.ReadAsync("prices")).Epoch.Should().StartWith(before[1].Epoch()[..3]).And.NotBe(before[1].Epoch())
            .And.NotEndWith(page.Epoch![3..]);
        one.Logs.Of(3).Concat(two.Logs.Of(3)).Should().ContainSingle().Which.Should().Contain("All 2 channels");
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_AfterTheTablesWereRestored_IsUnderANewEpoch()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var epoch = (await node.AppendAsync(Message("news", "a")))[0].Epoch();
        await node.RestoreAsync();

        (await node.ReadAsync("news")).Epoch.Should().NotBe(epoch);
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_OnACopyOfAnotherCluster_GivesNewEpochs()
    {
        var database = await server.CreateDatabaseAsync();
        await using var before = await LogNode.StartAsync(database);
        var epoch = (await before.AppendAsync(Message("news", "a")))[0].Epoch();
        var identity = (string)(await before.ScalarAsync("SELECT identity FROM eventstream.meta"))!;
        identity.Should().MatchRegex(@"^\d+/[0-9A-F]{8}/\d+$");
        await before.ExecuteAsync($"UPDATE eventstream.meta SET identity = '1{identity}'");

        await using var after = await LogNode.StartAsync(database);

        (await after.ReadAsync("news")).Epoch.Should().NotBe(epoch);
        (await after.ScalarAsync("SELECT identity FROM eventstream.meta")).Should().Be(identity);
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_Again_KeepsTheEpochs()
    {
        var database = await server.CreateDatabaseAsync();
        string epoch;
        await using (var before = await LogNode.StartAsync(database)) epoch = (await before.AppendAsync(Message("news", "a")))[0].Epoch();

        await using var after = await LogNode.StartAsync(database);

        (await after.ReadAsync("news")).Epoch.Should().Be(epoch);
        after.Logs.Of(3).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_WithoutTheRightToAskForTheCluster_KeepsTheEpochs()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = await LogNode.StartAsync(database);
        var epoch = (await owner.AppendAsync(Message("news", "a")))[0].Epoch();
        await owner.ExecuteAsync(
            "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public; REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM public; "
            + "CREATE ROLE unasked LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA eventstream TO unasked; "
            + "GRANT ALL ON ALL TABLES IN SCHEMA eventstream TO unasked");
        var identity = (string)(await owner.ScalarAsync("SELECT identity FROM eventstream.meta"))!;

        await using var node = await LogNode.StartAsync(
            new Npgsql.NpgsqlConnectionStringBuilder(database) { Username = "unasked", Password = "secret" }.ConnectionString);

        (await node.ReadAsync("news")).Epoch.Should().Be(epoch);
        (await owner.ScalarAsync("SELECT identity FROM eventstream.meta"))
            .Should().Be(identity.Insert(identity.LastIndexOf('/'), "?"), "the timeline was not told");
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_TablesRestoredMeanwhile_IsNoticedAtThePoll()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        var epoch = (await node.AppendAsync(Message("news", "a")))[0].Epoch();
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await hints.MoveNextAsync().AsTask().OrFail();
        await node.RestoreAsync();

        var next = hints.MoveNextAsync().AsTask();
        await time.AdvanceAsync(TimeSpan.FromSeconds(2));

        (await next.OrFail()).Should().BeTrue();
        hints.Current.Should().Be(new EventStreamLogHint(null));
        (await node.ScalarAsync("SELECT epoch FROM eventstream.channel")).Should().NotBe(epoch);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("", nameof(HistoryChange.None))]
    [InlineData("7/2/9", nameof(HistoryChange.None))]
    [InlineData("8/2/9", nameof(HistoryChange.Replacement))]
    [InlineData("7/1/9", nameof(HistoryChange.Continuation))]
    [InlineData("7/2/8", nameof(HistoryChange.Replacement))]
    [InlineData("7/1/8", nameof(HistoryChange.Replacement))]
    [InlineData("8/1/9", nameof(HistoryChange.Replacement))]
    [InlineData("/1/9", nameof(HistoryChange.Replacement))]
    [InlineData("7/1/", nameof(HistoryChange.Replacement))]
    [InlineData("//9", nameof(HistoryChange.None))]
    [InlineData("//8", nameof(HistoryChange.Replacement))]
    [InlineData("//0", nameof(HistoryChange.Replacement))]
    [InlineData("7/2?/9", nameof(HistoryChange.None))]
    [InlineData("7/1?/9", nameof(HistoryChange.Replacement))]
    [InlineData("7//9", nameof(HistoryChange.None))]
    public async Task Merge_OfPartsThatAreKnown_TellsHowTheHistoryDiffers(string stored, string change) =>
        IdentityText.Merge(stored, ["7", "2", "9"]).Should().Be(("7/2/9", Enum.Parse<HistoryChange>(change)));

    [Fact(Timeout = 60_000)]
    public async Task Merge_PartsThatAreMissingNow_AreKeptAndTheTimelineIsInDoubt()
    {
        IdentityText.Merge("7/2/9", [null, null, "9"]).Should().Be(("7/2?/9", HistoryChange.None));
        IdentityText.Merge("7/2?/9", [null, null, "9"]).Should().Be(("7/2?/9", HistoryChange.None), "one mark is enough");
        IdentityText.Merge("//9", [null, null, "9"]).Should().Be(("//9", HistoryChange.None));
        IdentityText.Merge("7/2/9", [null, "2", "9"]).Should().Be(("7/2/9", HistoryChange.None));
    }

    [Fact(Timeout = 60_000)]
    public async Task Merge_ByNodesOfDifferentRightsInTurn_IsAlwaysTheSameHistory()
    {
        var identity = "7/2/9";
        for (var i = 0; i < 4; i++)
        {
            (identity, var change) = IdentityText.Merge(identity, i % 2 == 0 ? [null, null, "9"] : ["7", "2", "9"]);
            change.Should().Be(HistoryChange.None);
        }

        identity.Should().Be("7/2/9");
    }

    [Fact(Timeout = 60_000)]
    public async Task Promotion_WhileTheIdentityIsChecked_IsNotTakenForTheSameHistory()
    {
        var database = await server.CreateDatabaseAsync();
        await using var before = await LogNode.StartAsync(database);
        var epoch = (await before.AppendAsync(Message("news", "a")))[0].Epoch();

        // A standby that is promoted after the first question about it.
        await before.ExecuteAsync(
            """
            CREATE SCHEMA promoted;
            CREATE SEQUENCE promoted.questions;
            CREATE FUNCTION promoted.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''promoted.questions'') = 1';
            CREATE FUNCTION promoted.pg_current_wal_lsn() RETURNS pg_lsn LANGUAGE plpgsql AS '
            BEGIN
                IF nextval(''promoted.questions'') = 1 THEN RAISE object_not_in_prerequisite_state; END IF;
                RETURN ''0/0'';
            END';
            CREATE FUNCTION promoted.pg_walfile_name(pg_lsn) RETURNS text LANGUAGE plpgsql
                AS 'BEGIN RETURN ''000000FF0000000000000001''; END';
            """);
        await using var after = LogNode.Unprepared(database + ";Search Path=promoted,pg_catalog");
        var append = () => after.AppendAsync(Message("news", "b"));

        await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The server is a standby and does not accept writes.*");

        (await append()).Should().ContainSingle().Which.ToString().Should().StartWith(epoch[..3]).And.NotStartWith(epoch);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_GivenUpWhileTheEpochsAreRenewed_LeavesTheRenewalUnderWay()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));
        await node.RestoreAsync();
        await node.ExecuteAsync(
            """
            CREATE TABLE done (done boolean);
            CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN WHILE NOT EXISTS (SELECT FROM public.done) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN new; END';
            CREATE TRIGGER work BEFORE UPDATE ON eventstream.channel FOR EACH ROW EXECUTE FUNCTION work();
            """);
        using var giveUp = new CancellationTokenSource();
        var first = node.Log.AppendAsync([Message("news", "b")], giveUp.Token).AsTask();
        await Soon.Until(() => node.Database.LongWork.IsUnderWay, "the epochs are being renewed");

        await giveUp.CancelAsync();
        await first.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();

        node.Database.LongWork.IsUnderWay.Should().BeTrue();
        var second = node.AppendAsync(Message("news", "c"));
        await node.ExecuteAsync("INSERT INTO done VALUES (true)");
        await second.OrFail();
        (await node.ReadAsync("news")).Texts().Should().Equal("a", "c");
        node.Logs.Of(3).Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_TablesWhoseRowsAreStillBeingLoaded_FailsAndContinuesUnderANewEpochWhenTheyAreThere()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var epoch = (await node.AppendAsync(Message("news", "a")))[0].Epoch();
        await node.ExecuteAsync(
            "ALTER TABLE eventstream.meta RENAME TO old; CREATE TABLE eventstream.meta AS SELECT * FROM eventstream.old WITH NO DATA");
        var append = () => node.AppendAsync(Message("news", "b"));

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("*meta is empty*")).Which.IsTransient.Should().BeTrue();
        await node.ExecuteAsync("INSERT INTO eventstream.meta SELECT * FROM eventstream.old");

        (await append()).Should().ContainSingle().Which.ToString().Should().StartWith(epoch[..3]).And.NotStartWith(epoch);
    }

    [Fact(Timeout = 120_000)]
    public async Task Promotion_OfAStandby_IsRefusedBeforeAndUnderANewEpochAfter()
    {
        await using var primary = await PostgreSqlServer.CreateAsync();
        var database = await primary.CreateDatabaseAsync();
        await using var before = await LogNode.StartAsync(database);
        var epoch = (await before.AppendAsync(Message("news", "a")))[0].Epoch();
        await primary.StopAsync();
        await using var standby = await primary.CreateStandbyAsync();
        await using var after = LogNode.Unprepared(standby.ConnectionStringOfSame(database), new() { CreateSchema = false });
        var append = () => after.AppendAsync(Message("news", "b"));
        var read = () => after.ReadAsync("news");

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The server is a standby and does not accept writes.*"))
            .Which.IsTransient.Should().BeTrue();
        await read.Should().ThrowAsync<EventStreamLogException>("it may be behind")
            .WithMessage("The server is a standby and does not accept writes.*");
        await standby.PromoteAsync();

        (await append()).Should().ContainSingle().Which.ToString().Should().StartWith(epoch[..3]).And.NotStartWith(epoch);
        (await read()).Texts().Should().Equal("a", "b");
    }
}
