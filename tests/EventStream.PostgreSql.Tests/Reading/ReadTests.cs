using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Reading;

public sealed class ReadTests(SharedServer server)
{
    [Theory(Timeout = 60_000)]
    [InlineData(0, 3, 1000, "1,2,3")]
    [InlineData(2, 3, 1000, "3,4,5")]
    [InlineData(8, 5, 1000, "9,10")]
    [InlineData(10, 5, 1000, "")]
    [InlineData(long.MaxValue, 5, 1000, "")]
    [InlineData(0, 5, 25, "1,2")]
    [InlineData(0, 5, 30, "1,2,3")]
    [InlineData(4, 5, 1, "5")]
    public async Task Read_APage_IsWhatFollowsUpToItsCountAndBytes(long after, int maxCount, int maxBytes, string expected)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var positions = await node.AppendAsync([.. Enumerable.Range(1, 10).Select(_ => Message("news", "0123456789"))]);

        var page = await node.ReadAsync("news", after, maxCount, maxBytes);

        string.Join(',', page.Sequences()).Should().Be(expected);
        page.Should().BeEquivalentTo(new { Epoch = positions[0].Epoch(), Newest = 10L, BeforeOldest = 0L, IsComplete = false });
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_APage_TellsTheTimeOfTheDatabase()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        await node.AppendAsync(Message("news", "a"));
        await node.ExecuteAsync("UPDATE eventstream.message SET published_at = statement_timestamp() - interval '1 hour'");

        var page = await node.ReadAsync("news");

        (page.ReadAt - page.Records[0].PublishedAt).Should().BeCloseTo(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_AfterMessagesWereDropped_BeginsBehindThem()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"), Message("news", "b"), Message("news", "c"));
        await node.ExecuteAsync("UPDATE eventstream.channel SET before_oldest = 2");

        var page = await node.ReadAsync("news");

        page.Texts().Should().Equal("c");
        page.BeforeOldest.Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_SeveralChannels_APageForEachInTheirOrder()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("b", "1"), Message("b", "2"), Message("a", "3"), End("a"));

        var pages = await node.Log.ReadAsync([new("b", 1, 9, 99), new("none", 0, 9, 99), new("a", 0, 9, 99)], CancellationToken.None);

        pages.Select(page => string.Join(',', page.Texts())).Should().Equal("2", "", "3");
        pages.Select(page => page.Epoch is null).Should().Equal(false, true, false);
        pages.Select(page => page.Epoch).Should().OnlyHaveUniqueItems();
        pages.Select(page => page.IsComplete).Should().Equal(false, false, true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_WhileItIsAppendedTo_NeverSeesAHole()
    {
        var database = await server.CreateDatabaseAsync();
        await using var writer = await LogNode.StartAsync(database);
        await using var reader = await LogNode.StartAsync(database);
        await writer.AppendAsync(Message("news", "first"));
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await writer.AppendAsync(Message("news", "a"), Message("news", "b"));
        })));

        List<long> read = [];
        while (read.Count < 401)
        {
            var page = await reader.ReadAsync("news", read.Count, maxCount: 7);
            page.Newest.Should().BeGreaterThanOrEqualTo(page.Sequences().LastOrDefault());
            read.AddRange(page.Sequences());
        }

        await writing.OrFail();
        read.Should().Equal(Numbers(401));
    }
}
