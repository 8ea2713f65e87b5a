using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

/// <summary>Appends that follow another one closely: in these nodes no time passes, unless it is said.</summary>
public sealed class AtOnceTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_AsksOnce()
    {
        var time = new FakeTime();
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: time);
        await WarmUpAsync(node);

        (await RoundTripsAsync(proxy, () => node.AppendAsync(Message("news", "b"), Message("prices", "c")))).Should().Be(1);
        (await RoundTripsAsync(proxy, () => node.AppendAsync(Keyed("news", "d", "key"))))
            .Should().Be(2, "the state decides what is written");
        (await RoundTripsAsync(proxy, () => node.AppendAsync(Message("news", "e", new() { Key = "k" }, replaces: true))))
            .Should().Be(2, "the state decides what is written");
        time.Advance(Silence);
        (await RoundTripsAsync(proxy, () => node.AppendAsync(Message("news", "f")))).Should().Be(2, "the connection may have died");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ContinuesWhereOtherNodesWere()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database, time: new FakeTime());
        await using var two = await LogNode.StartAsync(database, time: new FakeTime());
        await one.AppendAsync(Message("news", "a"));
        await two.AppendAsync(Message("news", "b"), Message("prices", "c"));

        (await one.AppendAsync(Message("prices", "d"), Message("news", "e"), Message("prices", "f")))
            .Should().Equal([await one.AtAsync("prices", 2), await one.AtAsync("news", 3), await one.AtAsync("prices", 3)]);
        (await two.AppendAsync(Message("news", "g"))).Should().Equal(await one.AtAsync("news", 4));

        (await one.ReadAsync("news")).Texts().Should().Equal("a", "b", "e", "g");
        (await one.ReadAsync("prices")).Texts().Should().Equal("c", "d", "f");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ToChannelsOfWhichOneIsNew_MakesIt()
    {
        await using var node = await StartAsync();
        await node.AppendAsync(Message("news", "a"));

        (await node.AppendAsync(Message("news", "b"), Message("prices", "c")))
            .Should().Equal([await node.AtAsync("news", 2), await node.AtAsync("prices", 1)]);

        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b");
        (await node.ReadAsync("prices")).Texts().Should().Equal("c");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ToChannelsOfWhichOneIsComplete_RefusesOnlyWhatIsForIt()
    {
        await using var node = await StartAsync();
        await node.AppendAsync(Message("news", "a"), Message("prices", "b"));
        await node.AppendAsync(End("news"));

        (await node.AppendAsync(Message("news", "c"), Message("prices", "d"), End("news")))
            .Should().Equal([null, await node.AtAsync("prices", 2), await node.AtAsync("news", 1)]);

        (await node.ReadAsync("news")).Texts().Should().Equal("a");
        (await node.ReadAsync("prices")).Texts().Should().Equal("b", "d");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_AndItsEnd_AreThere()
    {
        await using var node = await StartAsync();
        await node.AppendAsync(Message("news", "a"));

        (await node.AppendAsync(Message("news", "b"), End("news"), Message("news", "c")))
            .Should().Equal([await node.AtAsync("news", 2), await node.AtAsync("news", 2), null]);

        var page = await node.ReadAsync("news");
        page.Texts().Should().Equal("a", "b");
        page.IsComplete.Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ToTablesThatWereRestored_IsUnderANewEpoch()
    {
        await using var node = await StartAsync();
        var before = (await node.AppendAsync(Message("news", "a")))[0];
        await node.RestoreAsync();

        var positions = await node.AppendAsync(Message("news", "b"));

        var page = await node.ReadAsync("news");
        page.Epoch.Should().NotBe(before.Epoch());
        positions.Should().Equal(new EventStreamPosition(page.Epoch!, 2));
        page.Texts().Should().Equal("a", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ConnectionLost_IsUnknownAndTheNextOneIsThere()
    {
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: new FakeTime());
        await WarmUpAsync(node);
        var append = () => node.AppendAsync(Message("news", "lost?"));

        proxy.Cut(commits: 1);

        (await append.Should().ThrowAsync<EventStreamLogException>())
            .Which.Should().BeEquivalentTo(new { IsOutcomeUnknown = true, IsTransient = true });

        await node.AppendAsync(Message("news", "next"));
        (await node.ReadAsync("news")).Texts().Should().EndWith(["lost?", "next"]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ToAChannelThatIsMadeWhileItWaits_IsThereOnce()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database, time: new FakeTime());
        await using var other = await LogNode.StartAsync(database);
        await node.AppendAsync(Message("news", "a"));
        await using var connection = await other.OpenAsync();
        await using var holding = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT FROM eventstream.channel FOR UPDATE", connection))
        {
            await hold.ExecuteNonQueryAsync();
        }


        var appending = node.AppendAsync(Message("news", "b"), Message("orders", "c"));
        await other.UntilAnotherWaitsForALockAsync();
        await other.MakeAsync("orders");
        await holding.CommitAsync();

        (await appending.OrFail()).Should().Equal([await other.AtAsync("news", 2), await other.AtAsync("orders", 1)]);
        (await other.ReadAsync("news")).Texts().Should().Equal("a", "b");
        (await other.ReadAsync("orders")).Texts().Should().Equal("c");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SoonAfterAnother_ItsConnectionEndedByTheServerBeforeItWrote_IsDoneOnAnother()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database, time: new FakeTime());
        await using var other = await LogNode.StartAsync(database);
        await WarmUpAsync(node);
        var before = (await other.ReadAsync("news")).Newest;
        await node.CutAsync();

        (await node.AppendAsync(Message("news", "once"))).Should().Equal([await other.AtAsync("news", before + 1)]);

        (await other.ReadAsync("news")).Texts().Should().ContainSingle(text => text == "once");
    }

    private static async Task<int> RoundTripsAsync(CuttingProxy proxy, Func<Task> append)
    {
        var before = proxy.RoundTrips;
        await append();
        return proxy.RoundTrips - before;
    }

    /// <summary>Has each statement prepared, which takes its own round trip.</summary>
    private static async Task WarmUpAsync(LogNode node)
    {
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await node.AppendAsync(Message("news", "w"), Message("prices", "w"));
            await node.AppendAsync(Keyed("news", "w", "warm"));
            await node.AppendAsync(Message("news", "w", new() { Key = "w" }, replaces: true));
        }
    }

    private async Task<LogNode> StartAsync() => await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
}
