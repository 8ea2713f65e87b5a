using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Following;

/// <summary>A node proves that notifications reach it, and says so where they do not.</summary>
public sealed class NotificationHealthTests(SharedServer server)
{
    private const int DoNotArrive = 11;
    private const int ArriveAgain = 12;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    [Fact(Timeout = 60_000)]
    public async Task Follow_NotificationsArrive_ReportsNothing()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();

        await NextAsync(hints);
        await node.AppendAsync(Message("news", "a"));
        await NextAsync(hints);

        node.Database.Fault.Should().BeNull();
        node.Logs.Of(DoNotArrive).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_NotificationsDoNotArrive_ReportsItOnceAndHintsAtEachPoll()
    {
        var time = new FakeTime();
        await using var proxy = new MutingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: time);
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();

        await NextAsync(hints);
        time.Elapsed.Should().Be(TimeSpan.Zero, "what was missed is read before the proof");
        hints.Current.Should().Be(new EventStreamLogHint(null));
        await UntilNextAsync(hints, node, time);

        node.Database.Fault.Should().Contain("up to 2 s late").And.Contain("pooler in transaction mode");
        for (var poll = 0; poll < 3; poll++) await UntilNextAsync(hints, node, time);
        node.Database.Fault.Should().NotBeNull();
        node.Logs.Of(DoNotArrive).Should().ContainSingle().Which.Should().Contain("PgBouncer");
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_NotificationsArriveAgain_ReportsItWithoutANewConnection()
    {
        var time = new FakeTime();
        await using var proxy = new MutingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: time);
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints);
        await UntilNextAsync(hints, node, time);

        proxy.Unmute();
        var next = hints.MoveNextAsync().AsTask();
        await node.AdvanceUntilAsync(
            time,
            Step,
            () =>
            {
                // The poll's own hints: the follower does not continue before the test has taken them.
                if (next.IsCompleted) next = hints.MoveNextAsync().AsTask();
                return node.Database.Fault is null;
            },
            "notifications arrive again");
        node.Logs.Of(ArriveAgain).Should().ContainSingle();
        await node.AppendAsync(Message("news", "a"));

        // Polls of the time without notifications come first.
        await next.OrFail();
        while (hints.Current == new EventStreamLogHint(null)) await hints.MoveNextAsync().AsTask().OrFail();
        hints.Current.Should().Be(new EventStreamLogHint("news", 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_TheSessionDoesNotListenAnyMore_EndsAndProvesAgain()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);

        // What a session says that has taken the place of the one that listens.
        await node.ExecuteAsync(
            """
            CREATE SCHEMA pooler;
            CREATE TABLE pooler.replaced (one int);
            CREATE FUNCTION pooler.pg_listening_channels() RETURNS SETOF text LANGUAGE sql
                AS 'SELECT ''eventstream'' WHERE NOT EXISTS (SELECT FROM pooler.replaced)';
            """);
        await using var other = LogNode.Unprepared(database + ";Search Path=pooler,pg_catalog", time: time);
        await using (var hints = other.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator())
        {
            await NextAsync(hints);
            await UntilNextAsync(hints, other, time);
            await node.ExecuteAsync("INSERT INTO pooler.replaced VALUES (1)");

            var poll = () => UntilNextAsync(hints, other, time);

            var thrown = await poll.Should().ThrowAsync<EventStreamLogException>().WithMessage("*no longer listens*");
            thrown.Which.IsTransient.Should().BeTrue();
        }

        other.Database.Fault.Should().Contain("no longer listens");
        await node.ExecuteAsync("DROP FUNCTION pooler.pg_listening_channels");
        await using var again = other.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(again);
        other.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_ProofOfAnotherNode_IsNoHint()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database, time: new FakeTime());
        await using var other = await LogNode.StartAsync(database, time: new FakeTime());
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints);

        await using var others = other.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(others);
        await node.AppendAsync(Message("news", "a"));

        await NextAsync(hints);
        hints.Current.Should().Be(new EventStreamLogHint("news", 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_ServerThatFallsSilent_EndsSoonAfterThePoll()
    {
        var time = new FakeTime();
        await using var proxy = new SilencingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: time);
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints);
        await node.AppendAsync(Message("news", "a"));
        await NextAsync(hints);
        proxy.Silence();
        var next = hints.MoveNextAsync().AsTask();
        time.Advance(PollInterval);
        await Soon.Until(() => proxy.Waiting > 0, "the server is asked");
        node.Database.Fault.Should().BeNull();

        time.Advance(TimeSpan.FromSeconds(3));

        await next.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("*unavailable*did not answer within 3 s*");
        node.Database.Fault.Should().NotBeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_ServerThatFallsSilent_IsAFaultBeforeItFails()
    {
        var time = new FakeTime();
        await using var proxy = new SilencingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: time);
        proxy.Silence();
        var reading = node.ReadAsync("news");
        await Soon.Until(() => proxy.Waiting > 0, "the server is asked");
        node.Database.Fault.Should().BeNull();

        time.Advance(TimeSpan.FromSeconds(3));

        reading.IsCompleted.Should().BeFalse();
        node.Database.Fault.Should().Contain("has not answered the work Read for 3 s");
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_NoConnectionIsAvailable_IsAFaultBeforeItFails()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync() + ";Maximum Pool Size=1;Timeout=1000";
        await using var node = await LogNode.StartAsync(database, time: time);
        var taken = await node.OpenAsync();
        using var stop = new CancellationTokenSource();
        await using var hints = node.Log.FollowAsync(stop.Token).GetAsyncEnumerator();
        var first = hints.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(3));

        node.Database.Fault.Should().Contain("the work Follow");
        await stop.CancelAsync();
        await first.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        await taken.DisposeAsync();
        node.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_RoleThatMayNotNotify_IsAFaultThatNamesTheRight()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = await LogNode.StartAsync(database);
        await owner.ExecuteAsync(
            """
            REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM public;
            CREATE ROLE unheard LOGIN PASSWORD 'secret';
            GRANT USAGE ON SCHEMA eventstream TO unheard;
            GRANT ALL ON ALL TABLES IN SCHEMA eventstream TO unheard;
            """);
        var role = new NpgsqlConnectionStringBuilder(database) { Username = "unheard", Password = "secret" };
        await using var node = await LogNode.StartAsync(role.ConnectionString);

        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();

        await hints.Invoking(NextAsync).Should().ThrowAsync<EventStreamLogException>().WithMessage("*lacks a right*EXECUTE on pg_notify*");
        node.Database.Fault.Should().Contain("permission denied for function pg_notify");
    }

    private static async Task NextAsync(IAsyncEnumerator<EventStreamLogHint> hints) =>
        (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();

    /// <summary>Advances the clock until there is a hint.</summary>
    private static async Task UntilNextAsync(IAsyncEnumerator<EventStreamLogHint> hints, LogNode node, FakeTime time)
    {
        var next = hints.MoveNextAsync().AsTask();
        await node.AdvanceUntilAsync(time, Step, () => next.IsCompleted, "a hint");
        (await next).Should().BeTrue();
        hints.Current.Should().Be(new EventStreamLogHint(null));
    }
}
