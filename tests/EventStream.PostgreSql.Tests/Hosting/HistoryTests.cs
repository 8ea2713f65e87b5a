using EventStream.PostgreSql.Retention;

namespace EventStream.PostgreSql.Tests.Hosting;

/// <summary>A channel that is made again, also by a node that only publishes, is another history: earlier positions are a gap.</summary>
public sealed class HistoryTests(SharedServer server) : IAsyncLifetime
{
    private const string Channel = "orders/7";

    private readonly List<WebApplication> _apps = [];
    private string _database = null!;
    private LogNode _node = null!;
    private EventStreamHub _publisher = null!;

    /// <summary>The ways in which messages come into a channel.</summary>
    public enum Way
    {
        Singly,
        Together,
        Keyed,
        InATransaction,
    }

    public async ValueTask InitializeAsync()
    {
        _database = await server.CreateDatabaseAsync();
        _node = await LogNode.StartAsync(_database);
        _publisher = (await StartAsync()).Services.GetRequiredService<EventStreamHub>();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps) await app.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Way.Singly, Way.Singly)]
    [InlineData(Way.Together, Way.Together)]
    [InlineData(Way.Keyed, Way.Keyed)]
    [InlineData(Way.InATransaction, Way.InATransaction)]
    [InlineData(Way.Together, Way.Singly)]
    [InlineData(Way.Singly, Way.InATransaction)]
    [InlineData(Way.InATransaction, Way.Keyed)]
    public async Task Publish_ToAChannelThatWasDropped_IsAnotherHistory(Way first, Way then)
    {
        var before = await PublishAsync(5, first);
        await _publisher.GetChannel(Channel).CompleteAsync();
        await ForgetAsync();

        await PublishAsync(10, then);

        await ShouldBeToldTheGapAsync(before, count: 10);
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_AgainAndAgainToAChannelThatIsDropped_IsAnotherHistoryEachTime()
    {
        List<string> positions = [];
        for (var i = 0; i < 4; i++)
        {
            positions.Add(await PublishAsync(1, Way.Singly));
            await _publisher.GetChannel(Channel).CompleteAsync();
            await ForgetAsync();
        }

        positions.Should().OnlyHaveUniqueItems();
    }

    [Fact(Timeout = 60_000)]
    public async Task Complete_AChannelThatWasDropped_IsAnotherHistory()
    {
        var before = await PublishAsync(5, Way.Singly);
        await _publisher.GetChannel(Channel).CompleteAsync();
        await ForgetAsync();

        await _publisher.GetChannel(Channel).CompleteAsync();

        (await ShouldBeToldTheGapAsync(before, count: 1)).Should().ContainSingle().Which.Event.Should().Be("stream-end");
    }

    [Fact(Timeout = 60_000)]
    public async Task Transaction_ThatIsOpenWhileTheChannelComesAndGoes_IsAnotherHistory()
    {
        await using var connection = await _node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await _publisher.PublishAsync(Channel, "late", transaction);
        var before = await PublishAsync(5, Way.Singly);
        await _publisher.GetChannel(Channel).CompleteAsync();
        await ForgetAsync();

        await transaction.CommitAsync();

        await ReadAsync(1);
        await ShouldBeToldTheGapAsync(before, count: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Subscribe_AndLeaveAndTheChannelIsDropped_IsAnotherHistory()
    {
        var reader = await StartAsync();
        string before;
        await using (var stream = await OpenAsync(reader, lastEventId: null))
        {
            await Soon.Until(() => stream.Body.Contains("id: ", StringComparison.Ordinal), "the subscriber has joined");
            await PublishAsync(5, Way.Singly);
            before = (await stream.CollectAsync(5))[4].LastEventId;
        }

        await ForgetAsync();

        // On the node that has read the channel.
        var hub = reader.Services.GetRequiredService<EventStreamHub>();
        for (var i = 1; i <= 10; i++) await hub.PublishAsync(Channel, $"{i}");

        await ShouldBeToldTheGapAsync(before, count: 10);
        await ShouldBeToldTheGapAsync(before, count: 10, reader);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restore_OfADumpWithoutTheChannelThatAnotherNodeNoticesFirst_IsAnotherHistory()
    {
        var before = await PublishAsync(5, Way.Singly);
        await _node.ExecuteAsync("DELETE FROM eventstream.message; DELETE FROM eventstream.channel");
        await _node.RestoreAsync();
        await _node.ReadAsync(Channel);

        await PublishAsync(10, Way.Singly);

        await ShouldBeToldTheGapAsync(before, count: 10);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restore_OfADumpWithMessagesInTheOutboxThatWereMovedSince_IsAnotherHistory()
    {
        await _node.ExecuteAsync(
            """
            CREATE TABLE dump AS SELECT * FROM eventstream.outbox;
            CREATE FUNCTION dump() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO dump SELECT NEW.*; RETURN NEW; END';
            CREATE TRIGGER dump AFTER INSERT ON eventstream.outbox FOR EACH ROW EXECUTE FUNCTION dump();
            """);
        var before = await PublishAsync(5, Way.InATransaction);
        await _node.ExecuteAsync(
            "DROP TRIGGER dump ON eventstream.outbox; DELETE FROM eventstream.message; DELETE FROM eventstream.channel");

        await _node.RestoreAsync();
        await _node.ExecuteAsync("INSERT INTO eventstream.outbox OVERRIDING SYSTEM VALUE SELECT * FROM dump");

        // A subscriber that comes before they are moved has the position before the first message, which has no epoch yet.
        await ReadAsync(5);
        await ShouldBeToldTheGapAsync(before, count: 5);
    }

    [Fact(Timeout = 60_000)]
    public async Task Subscribe_BeforeTheFirstMessage_LeavesNoRowAndTheNextGetsAllThatCame()
    {
        var position = await SubscribeAndLeaveAsync();
        (await _node.ScalarAsync("SELECT count(*) FROM eventstream.channel WHERE name NOT LIKE '$%'")).Should().Be(0L);

        await PublishAsync(3, Way.Singly);

        await using var stream = await OpenAsync(await StartAsync(), position);
        (await stream.CollectAsync(3)).Select(message => message.Data).Should().Equal("1", "2", "3");
    }

    [Fact(Timeout = 60_000)]
    public async Task Subscribe_WhileTheFirstMessageIsPublishedElsewhere_TheStreamContinues()
    {
        // One that came back would get the messages all the same.
        await using var stream = await OpenAsync(await StartAsync(), lastEventId: null, reconnects: false);
        await Soon.Until(() => stream.Body.Contains("id: "));

        await PublishAsync(3, Way.InATransaction);

        (await stream.CollectAsync(3)).Select(message => message.Data).Should().Equal("1", "2", "3");
    }

    [Fact(Timeout = 60_000)]
    public async Task Subscribe_BeforeAHistoryThatWasDropped_TheNextGetsTheGap()
    {
        var position = await SubscribeAndLeaveAsync();
        await PublishAsync(5, Way.Together);
        await _publisher.GetChannel(Channel).CompleteAsync();
        await ForgetAsync();
        await PublishAsync(10, Way.Together);

        (await ShouldBeToldTheGapAsync(position, count: 10))[0].Data.Should().Be("1");
    }

    [Fact(Timeout = 60_000)]
    public async Task Subscribe_BeforeAHistoryThatARestoredDumpDoesNotHave_TheNextGetsTheGap()
    {
        var position = await SubscribeAndLeaveAsync();
        await PublishAsync(5, Way.Together);
        await _node.ExecuteAsync("DELETE FROM eventstream.message; DELETE FROM eventstream.channel");
        await _node.RestoreAsync();
        await PublishAsync(2, Way.Together);

        (await ShouldBeToldTheGapAsync(position, count: 2))[0].Data.Should().Be("1");
    }

    private async Task<string> SubscribeAndLeaveAsync()
    {
        await using var stream = await OpenAsync(await StartAsync(), lastEventId: null);
        await Soon.Until(() => stream.Body.Contains("-0\n"));
        return stream.Body.Split("id: ")[1].Split('\n')[0];
    }

    /// <summary>Publishes on the node that only publishes, and returns the position of the last message.</summary>
    private async Task<string> PublishAsync(int count, Way way)
    {
        EventStreamMessage[] messages = [.. Enumerable.Range(1, count).Select(number => new EventStreamMessage { Data = $"{number}" })];
        switch (way)
        {
            case Way.Singly:
                foreach (var message in messages) await _publisher.PublishAsync(Channel, message);
                break;
            case Way.Together:
                await _publisher.PublishBatchAsync(Channel, messages);
                break;
            case Way.Keyed:
                for (var i = 0; i < count; i++) await _publisher.PublishAsync(Channel, messages[i], new() { IdempotencyKey = $"{i}" });
                break;
            case Way.InATransaction:
                await using (var connection = await _node.OpenAsync())
                await using (var transaction = await connection.BeginTransactionAsync())
                {
                    foreach (var message in messages) await _publisher.PublishAsync(Channel, message, transaction);
                    await transaction.CommitAsync();
                }

                break;
        }

        var page = await ReadAsync(count);
        return $"{page.Epoch}-{page.Newest}";
    }

    /// <summary>Waits until the channel has a number of messages.</summary>
    private async Task<EventStreamLogPage> ReadAsync(int count)
    {
        EventStreamLogPage page;
        do page = await _node.ReadAsync(Channel);
        while (page.Newest < count);
        return page;
    }

    /// <summary>Lets time go by for the channel, and retention look.</summary>
    private async Task ForgetAsync()
    {
        await _node.ExecuteAsync(
            $"""
             UPDATE eventstream.message SET published_at = '2001-01-01'
             WHERE channel = (SELECT id FROM eventstream.channel WHERE name = '{Channel}');
             UPDATE eventstream.channel SET changed_at = '2001-01-01' WHERE name = '{Channel}';
             """);

        // An app's own look may be under way, and then this one does nothing.
        do await new RetentionSweep(_node.Database).RunAsync(CancellationToken.None);
        while ((await _node.ReadAsync(Channel)).Epoch is not null);
    }

    /// <summary>Resumes, on a node that has just started if none is given, and returns what follows the gap.</summary>
    private async Task<IReadOnlyList<TestEvent>> ShouldBeToldTheGapAsync(string position, int count, WebApplication? app = null)
    {
        await using var stream = await OpenAsync(app ?? await StartAsync(), position);
        var gap = await stream.NextAsync();
        gap.Event.Should().Be("stream-gap");
        gap.Data.Should().Contain("\"reason\":\"restarted\"").And.Contain($"\"requested\":\"{position}\"");
        var events = await stream.CollectAsync(count);
        gap.LastEventId.Should().NotStartWith(position[..9]);
        events.Should().OnlyContain(message => message.LastEventId.StartsWith(gap.LastEventId.Substring(0, 9)));
        return events;
    }

    private static async Task<TestEventSource> OpenAsync(WebApplication app, string? lastEventId, bool reconnects = true)
    {
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var options = new TestEventSourceOptions { LastEventId = lastEventId, Timeout = Soon.Limit, Reconnects = reconnects };
        return await client.OpenEventStreamAsync(Channel, options);
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddEventStreams()
            .AddChannel("orders/{id}", c => c.CreateOnSubscribe = true)
            .AddPostgreSql(_database, o => o.PollInterval = TimeSpan.FromMilliseconds(100));
        var app = builder.Build();
        app.MapEventStream("/orders/{id}", "orders/{id}");
        await app.StartAsync();
        _apps.Add(app);
        return app;
    }
}
