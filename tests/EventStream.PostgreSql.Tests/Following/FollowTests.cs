using EventStream.PostgreSql.Following;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Following;

public sealed class FollowTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Follow_AppendsOfAnotherNode_AreHintedAtAfterTheFirstHint()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database, time: new FakeTime());
        await using var two = await LogNode.StartAsync(database);
        await using var hints = one.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints, new(null));

        await two.AppendAsync(Message("a b", "1"), Message("a b", "2"), Message("ü", "3"));
        await NextAsync(hints, new("a b", 2));
        await NextAsync(hints, new("ü", 1));

        await two.AppendAsync(End("ü"));
        await NextAsync(hints, new("ü"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_APollInterval_HintsAtEverything()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints, new(null));

        for (var i = 0; i < 3; i++)
        {
            var next = hints.MoveNextAsync().AsTask();
            next.IsCompleted.Should().BeFalse();
            await time.AdvanceAsync(TimeSpan.FromSeconds(2));
            (await next.OrFail()).Should().BeTrue();
            hints.Current.Should().Be(new EventStreamLogHint(null));
        }

        // The connection still receives after a wait with a timeout.
        await node.AppendAsync(Message("news", "a"));
        await NextAsync(hints, new("news", 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_APollIntervalAmidNotifications_HintsAtEverythingAsWell()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints, new(null));
        await node.AppendAsync(Message("news", "a"));
        await NextAsync(hints, new("news", 1));

        await node.AppendAsync(Message("news", "b"));
        time.Advance(TimeSpan.FromSeconds(2));

        await NextAsync(hints, new("news", 2));
        await NextAsync(hints, new(null));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_ConnectionCut_Throws()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints, new(null));

        await node.CutAsync();
        var next = async () =>
        {
            while (await hints.MoveNextAsync().AsTask().OrFail())
            {
            }
        };

        (await next.Should().ThrowAsync<EventStreamLogException>()).Which.IsTransient.Should().BeTrue();
        node.Database.Availability.Failure.Should().NotBeNull();

        await using var again = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(again, new(null));
        node.Database.Availability.Failure.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_Cancelled_EndsAtOnce()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        using var stop = new CancellationTokenSource();
        await using var hints = node.Log.FollowAsync(stop.Token).GetAsyncEnumerator();
        await NextAsync(hints, new(null));
        var next = hints.MoveNextAsync().AsTask();

        await stop.CancelAsync();

        await ((Func<Task>)(() => next.OrFail())).Should().ThrowAsync<OperationCanceledException>();
        await node.AppendAsync(Message("news", "the pool's connections are fine"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_HintsOfManyLongNames_FitIntoNotifications()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(hints, new(null));
        string[] names = [.. Enumerable.Range(0, 100).Select(i => new string('ü', 250) + i)];

        await node.AppendAsync([.. names.Select(name => Message(name, "a"))]);

        List<string?> heard = [];
        while (heard.Count < names.Length && await hints.MoveNextAsync().AsTask().OrFail()) heard.Add(hints.Current.Channel);
        heard.Should().BeEquivalentTo(names);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_GivenUp_LeavesNoConnectionThatListens()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using (var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator()) await NextAsync(hints, new(null));

        // The connections that the pool has now: one that has listened, and one that has sent the proof.
        await using var one = await node.OpenAsync();
        await using var other = await node.OpenAsync();
        foreach (var connection in new[] { one, other })
        {
            await using var listening = new NpgsqlCommand("SELECT count(*) FROM pg_listening_channels()", connection);
            (await listening.ExecuteScalarAsync()).Should().Be(0L);
        }

        await using var count = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'", one);
        (await count.ExecuteScalarAsync()).Should().Be(2L);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("12 news\n", "news", 12L)]
    [InlineData("12 a b\n", "a b", 12L)]
    [InlineData("news", null, null)]
    [InlineData("x 12", null, null)]
    [InlineData("-1 a", null, null)]
    [InlineData("1 ", null, null)]
    public async Task HintText_OfAnySender_IsAHintAtLeastAtAnything(string text, string? channel, long? newest) =>
        HintText.Read(text).Should().Equal(new EventStreamLogHint(channel, newest));

    private static async Task NextAsync(IAsyncEnumerator<EventStreamLogHint> hints, EventStreamLogHint expected)
    {
        (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();
        hints.Current.Should().Be(expected);
    }
}
