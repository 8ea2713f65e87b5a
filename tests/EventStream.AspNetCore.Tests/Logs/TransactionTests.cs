using System.Text;
using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>What a log gets that takes messages in a transaction of the caller's, and what is said where none does.</summary>
public sealed class TransactionTests : IDisposable
{
    private static readonly EventStreamMetadata Keyed = new() { IdempotencyKey = "k" };

    private readonly TransactionalLog _log = new(new SharedLog());
    private readonly LoneTransaction _transaction = new();
    private readonly ServiceProvider _services;
    private readonly EventStreamHub _hub;

    public TransactionTests()
    {
        _services = ServicesWith(_log);
        _hub = _services.GetRequiredService<EventStreamHub>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AMessage_TheLogGetsItsFrameWithoutAnId()
    {
        var metadata = new EventStreamMetadata { User = "ann", Tag = "t", IdempotencyKey = "k" };

        var message = new EventStreamMessage { Event = "price", Data = "1\n2", Retry = TimeSpan.FromSeconds(1) };
        await _hub.PublishAsync("news", message, _transaction, metadata);

        var (records, transaction) = _log.Taken.Should().ContainSingle().Subject;
        transaction.Should().BeSameAs(_transaction);
        TextOf(records.Should().ContainSingle().Subject).Should().Be("event: price\ndata: 1\ndata: 2\nretry: 1000\n\n");
        records[0].Should().BeEquivalentTo(new { Channel = "news", Event = "price", Metadata = metadata, Replaces = false, IsEnd = false });
        records[0].Part.Should().BeNull("the key is the message's own, as without a transaction");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_Messages_TheLogGetsThemInOneCallAsAList()
    {
        EventStreamMessage[] messages = [new() { Data = "a" }, new() { Data = "b" }];

        await _hub.PublishBatchAsync("news", messages, _transaction, Keyed);
        await _hub.PublishBatchAsync("news", messages.Take(1), _transaction, Keyed);
        await _hub.PublishBatchAsync("news", messages, _transaction);
        await _hub.PublishBatchAsync("news", [], _transaction);

        _log.Taken.Should().HaveCount(3);
        _log.Taken[0].Records.Select(record => record.Part).Should().Equal(new EventStreamListPart(1, 2), new EventStreamListPart(2, 2));
        _log.Taken[1].Records.Select(record => record.Part).Should().Equal(new EventStreamListPart(1, 1));
        _log.Taken[2].Records.Should().HaveCount(2).And.OnlyContain(record => record.Part == null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_Values_TheyAreWhatTheyAreWithoutATransaction()
    {
        IEventStreamPublisher streams = _services.GetRequiredService<IEventStreamPublisher>();
        var channel = _hub.GetChannel("news");
        var quote = new { Symbol = "MSFT" };

        await streams.PublishAsync("news", "a \"text\"", _transaction);
        await streams.PublishAsync("news", quote, _transaction, eventName: "quote");
        await streams.PublishAsync("news", new EventStreamMessage[] { new() { Data = "a" }, new() { Data = "b" } }, _transaction);
        await streams.PublishBatchAsync("news", [quote, quote], _transaction, eventName: "quote");
        await channel.PublishAsync(quote, _transaction, eventName: "quote");
        await channel.PublishAsync(new EventStreamMessage { Data = "a" }, _transaction);
        await channel.PublishBatchAsync([quote, quote], _transaction, eventName: "quote");
        await channel.PublishBatchAsync([new EventStreamMessage { Data = "a" }], _transaction);

        var json = "event: quote\ndata: {\"symbol\":\"MSFT\"}\n\n";
        _log.Taken.Select(call => string.Concat(call.Records.Select(TextOf))).Should().Equal(
            "data: a \"text\"\n\n", json, "data: a\n\ndata: b\n\n", json + json, json, "data: a\n\n", json + json, "data: a\n\n");
        _log.Taken.Should().OnlyContain(call => call.Transaction == _transaction);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("latest/1", "k", true)]
    [InlineData("latest/1", null, false)]
    [InlineData("news", "k", false)]
    public async Task Publish_WithAKey_ReplacesWhereTheChannelKeepsTheLatest(string channel, string? key, bool replaces)
    {
        await _hub.PublishAsync(channel, new EventStreamMessage { Data = "1" }, _transaction, new() { Key = key });

        _log.Taken.Single().Records.Single().Replaces.Should().Be(replaces);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_WhatCannotBePublished_IsRefusedAndTheLogGetsNothing()
    {
        var message = new EventStreamMessage { Data = "a" };
        (Func<Task> Publish, string Reason)[] refused =
        [
            (() => _hub.PublishAsync("news", default(EventStreamMessage), _transaction).AsTask(), "*empty*"),
            (() => _hub.PublishAsync("news", message with { Id = "1" }, _transaction).AsTask(), "*sets the ids of its messages*"),
            (() => _hub.PublishAsync("news", message with { Event = "error" }, _transaction).AsTask(), "*'error'*AllowedEvents*"),
            (() => _hub.PublishAsync("news", 7, _transaction, eventName: "error").AsTask(), "*'error'*AllowedEvents*"),
            (() => _hub.PublishBatchAsync("news", [message, message with { Event = "error" }], _transaction).AsTask(), "*'error'*"),
            (() => _hub.PublishAsync("news", message with { Data = new string('x', 1024) }, _transaction).AsTask(), "*at most 1024*"),
            (() => _hub.PublishAsync("news", (string?)null, _transaction).AsTask(), "*null text*"),
            (() => _hub.PublishAsync("news", message, _transaction, new() { IdempotencyKey = "" }).AsTask(), "*from 1 to 256*"),
            (() => _hub.PublishAsync("news", message, _transaction, new() { Tag = 7 }).AsTask(), "*'news'*System.Int32*string*"),
            (() => _hub.PublishAsync("nothing", message, _transaction).AsTask(), "*no channel 'nothing'*"),
            (() => _hub.PublishBatchAsync("news", "text", _transaction).AsTask(), "*one value*"),
            (() => _hub.PublishAsync("news", message, transaction: null!).AsTask(), "*transaction*"),
            (() => _hub.PublishBatchAsync("news", [message], transaction: null!).AsTask(), "*transaction*"),
        ];

        foreach (var (publish, reason) in refused) await publish.Should().ThrowAsync<ArgumentException>().WithMessage(reason);
        var cancelled = new CancellationToken(canceled: true);
        await FluentActions.Awaiting(() => _hub.PublishAsync("news", message, _transaction, cancellationToken: cancelled).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();

        _log.Taken.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_NoLogThatTakesTransactions_NamesWhatToAdd()
    {
        using var withoutLog = ServicesWith(log: null);
        using var withPlainLog = ServicesWith(new SharedLog());

        await RefusesAsync(withoutLog, "news", "*'news' is in memory*AddPostgreSql*");
        await RefusesAsync(withPlainLog, "news", "*'news'*no IEventStreamTransactionalLog*AddPostgreSql*");
        await RefusesAsync(_services, "local", "*'local' is in memory*InMemory*");

        async Task RefusesAsync(ServiceProvider services, string channel, string advice)
        {
            var streams = services.GetRequiredService<IEventStreamPublisher>();
            Func<Task>[] publishing =
            [
                () => streams.PublishAsync(channel, "a", _transaction).AsTask(),
                () => streams.PublishAsync(channel, new EventStreamMessage { Data = "a" }, _transaction).AsTask(),
                () => streams.PublishBatchAsync(channel, [7], _transaction).AsTask(),
                () => streams.PublishBatchAsync(channel, [], _transaction).AsTask(),
            ];

            foreach (var publish in publishing) await publish.Should().ThrowAsync<InvalidOperationException>().WithMessage(advice);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Appended_ByTheLog_IsCountedAndMakesNoChannel()
    {
        using var metrics = new MetricRecorder(_services);

        _log.TellOfAppended("latest/1", 2);
        _log.TellOfAppended("of another node", 5);

        var counted = metrics.Of("event_stream.channel.published").Should().ContainSingle().Subject;
        counted.Value.Should().Be(2);
        counted.Tags["event_stream.channel"].Should().Be("latest/{id}");
        _hub.Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publisher_OfTheServices_IsTheHubUnlessTheAppHasItsOwn()
    {
        using var replaced = new ServiceCollection()
            .AddSingleton<IEventStreamPublisher>(new ForwardingPublisher(_hub)).AddEventStreams().Services.BuildServiceProvider();

        _services.GetRequiredService<IEventStreamPublisher>().Should().BeSameAs(_hub);
        replaced.GetRequiredService<IEventStreamPublisher>().Should().BeOfType<ForwardingPublisher>();
    }

    public void Dispose() => _services.Dispose();

    private static ServiceProvider ServicesWith(IEventStreamLog? log)
    {
        var services = new ServiceCollection().AddMetrics();
        var streams = services.AddEventStreams()
            .AddChannel("news", c => c.MaxBytes = 1024)
            .AddChannel("latest/{id}", c => c.LatestByKey = true)
            .AddChannel("local", c => c.InMemory = true);
        if (log is not null) streams.AddLog(_ => log);
        return services.BuildServiceProvider();
    }

    private static string TextOf(EventStreamLogRecord record) => Encoding.UTF8.GetString(record.Frame.Span);
}
