using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Outbox;

/// <summary>Messages that are published together in a transaction.</summary>
public sealed class ListTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Move_ListsOfTwoTransactionsInTurn_NothingComesBetweenTheirMessages()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var one = await node.OpenAsync();
        await using var two = await node.OpenAsync();
        await using var first = await one.BeginTransactionAsync();
        await using var second = await two.BeginTransactionAsync();
        for (var i = 0; i < 3; i++)
        {
            await node.PublishTogetherAsync([Message("orders", $"a{i}"), Message("orders", $"a{i}") with { Event = "shipped" }], first);
            await node.PublishTogetherAsync([Message("orders", $"b{i}"), Message("orders", $"b{i}"), Message("orders", $"b{i}")], second);
        }

        await second.CommitAsync();
        await first.CommitAsync();
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.outbox"))
            .Should().Be(6L, "what one call publishes is one row, which nothing splits");
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        var page = await node.ReadAsync("orders");
        page.Texts().Should().Equal("a0 a0 b0 b0 b0 a1 a1 b1 b1 b1 a2 a2 b2 b2 b2".Split(' '));
        page.Records.Select(entry => entry.Event).Take(3).Should().Equal(null, "shipped", null);
        page.Sequences().Should().Equal(Numbers(15));
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ListThatIsRetained_IsNotAppendedAgain()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(List("k", "a", "b"));
        await node.AppendAsync(Keyed("orders", "single", "k"));

        await PublishAsync(node, List("k", "not", "again"), List("l", "c", "d"), List("l", "not", "again"), [Keyed("orders", "e", "l")]);
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "b", "single", "c", "d", "e");
        (await node.AppendAsync(List("l", "c", "d"))).Select(position => position!.Value.Sequence).Should().Equal(4, 5);
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.outbox")).Should().Be(0L);
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ListOfAnotherLength_StaysWithBothLengthsAndDelaysNoOther()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(List("k", "a", "b"));

        EventStreamLogRecord[] before = [Message("orders", "before")], after = [Message("orders", "after")];

        await PublishAsync(node, before, List("k", "a", "b", "c"), after, List("m", "x", "y"), List("m", "x"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "b", "before", "after", "x", "y");
        (await RefusalOfAsync(node, "k")).Should().Match("*list of 2 messages*'orders'*'k'*has 3.*");
        (await RefusalOfAsync(node, "m")).Should().Match("*list of 2 messages*'orders'*'m'*has 1.*");
        node.Logs.Of(6).Should().HaveCount(2);
        node.Database.Availability.Failure.Should().BeNull("a publisher's mistake says nothing of the database");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListOfAnotherLength_ReportsNothingOfTheDatabase()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var positions = await node.AppendAsync(List("k", "a", "b"));

        var append = () => node.AppendAsync(List("k", "a"));

        await append.Should().ThrowAsync<InvalidOperationException>().WithMessage("*list of 2 messages*'orders'*'k'*has 1*");
        node.Database.Availability.Failure.Should().BeNull();
        (await node.AppendAsync(Message("orders", "next"))).Should().Equal(positions[0].At(3));
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ListOfWhichTheDatabaseRefusesOneMessage_StaysWhole()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync("ALTER TABLE eventstream.message ADD CONSTRAINT no_bombs CHECK (frame <> 'bomb')");

        EventStreamLogRecord[] list = [Message("orders", "b"), Message("orders", "bomb"), Message("orders", "c")];

        await PublishAsync(node, [Message("orders", "a")], list, [Message("orders", "d")]);
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "d");
        await node.ExecuteAsync("ALTER TABLE eventstream.message DROP CONSTRAINT no_bombs; UPDATE eventstream.outbox SET refused = NULL");
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders", after: 2)).Texts().Should().Equal("b", "bomb", "c");
    }

    private static async Task<string?> RefusalOfAsync(LogNode node, string key) =>
        (string?)await node.ScalarAsync($"SELECT refused FROM eventstream.outbox WHERE idempotency_key = '{key}'");

    private static async Task PublishAsync(LogNode node, params EventStreamLogRecord[][] calls)
    {
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var records in calls) await node.PublishTogetherAsync(records, transaction);
        await transaction.CommitAsync();
    }

    private static EventStreamLogRecord[] List(string key, params string[] texts) =>
        [.. texts.Select((text, i) => Keyed("orders", text, key) with { Part = new(i + 1, texts.Length) })];
}
