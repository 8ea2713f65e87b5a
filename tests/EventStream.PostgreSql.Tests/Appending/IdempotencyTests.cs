using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

public sealed class IdempotencyTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_KeyThatIsRetained_TakesItsPosition()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"), Keyed("news", "b", "1"), Message("news", "c"));

        var positions = await node.AppendAsync(Message("news", "d"), Keyed("news", "again", "1"), Keyed("other", "e", "1"));

        positions.Select(position => position!.Value.Sequence).Should().Equal(4, 2, 1);
        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b", "c", "d");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyTwiceInOneCall_IsAppendedOnce()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var positions = await node.AppendAsync(Keyed("news", "a", "1"), Message("news", "b"), Keyed("news", "again", "1"));

        positions.Select(position => position!.Value.Sequence).Should().Equal(1, 2, 1);
        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyOfAMessageThatIsReplacedInTheSameCall_IsNotAppendedAgain()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var first = Message("states", "1", new() { Key = "k", IdempotencyKey = "i" }, replaces: true);

        var positions = await node.AppendAsync(
            first, Message("states", "2", new() { Key = "k", IdempotencyKey = "j" }, replaces: true), first);

        positions.Select(position => position!.Value.Sequence).Should().Equal(1, 2, 1);
        (await node.ReadAsync("states")).Texts().Should().Equal("2");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SameKeysOnTwoNodesAtOnce_EachIsAppendedOnce()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database);
        await using var two = await LogNode.StartAsync(database);
        EventStreamLogRecord[] records = [.. Enumerable.Range(0, 50).Select(i => Keyed("news", $"{i}", $"key {i}"))];

        var positions = await Task.WhenAll(new[] { one, two, one, two }.Select(node => Task.Run(() => AppendEachAsync(node)))).OrFail();

        positions.Should().OnlyContain(each => each.SequenceEqual(positions[0]));
        (await one.ReadAsync("news")).Sequences().Should().Equal(Numbers(50));

        async Task<EventStreamPosition?[]> AppendEachAsync(LogNode node)
        {
            List<EventStreamPosition?> got = [];
            foreach (var record in records) got.AddRange(await node.AppendAsync(record));
            return [.. got];
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyThatIsRetainedInACompletedChannel_TakesItsPosition()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Keyed("run", "a", "1"), End("run"));

        var positions = await node.AppendAsync(Keyed("run", "a", "1"), Keyed("run", "b", "2"));

        positions.Should().Equal(await node.AtAsync("run", 1), null);
    }
}
