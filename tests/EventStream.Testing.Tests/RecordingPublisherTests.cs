using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventStream.Testing.Tests;

/// <summary>What a recording publisher remembers, and what it refuses as a hub does.</summary>
public sealed partial class RecordingPublisherTests
{
    private readonly RecordingPublisher _publisher = new();

    [Fact(Timeout = 30_000)]
    public async Task Published_MessagesAndValues_AreRememberedInTheirOrder()
    {
        var metadata = new EventStreamMetadata { Key = "MSFT" };

        await _publisher.PublishAsync("prices", new Quote("MSFT", 1), metadata, eventName: "quote");
        await _publisher.PublishAsync("orders/7", "shipped");
        await _publisher.PublishAsync("prices", new EventStreamMessage { Event = "note", Data = "a\nb", Comment = "c" });
        await _publisher.PublishBatchAsync("prices", [new Quote("A", 2), new Quote("B", 3)]);
        await _publisher.PublishAsync("prices", "bytes"u8.ToArray());
        await _publisher.PublishAsync("prices", new EventStreamMessage { Event = "ping" });

        _publisher.Messages.Select(message => $"{message}").Should().Equal(
            "prices: quote, data '{\"symbol\":\"MSFT\",\"price\":1}'",
            "orders/7: message, data 'shipped'",
            "prices: note, data 'a\nb'",
            "prices: message, data '{\"symbol\":\"A\",\"price\":2}'",
            "prices: message, data '{\"symbol\":\"B\",\"price\":3}'",
            "prices: message, data 'bytes'",
            "prices: ping, data ''");
        _publisher.PublishedTo("prices").Should().Equal(_publisher.Messages.Where(message => message.Channel == "prices"));
        _publisher.PublishedTo("orders/8").Should().BeEmpty();
        _publisher.Messages[0].Metadata.Should().BeSameAs(metadata);
        _publisher.Messages[0].Message.Should().Be(EventStreamMessage.Json(new Quote("MSFT", 1)) with { Event = "quote" });
        _publisher.Messages[1].Metadata.Should().BeNull();
        _publisher.Messages[2].Message.Comment.Should().Be("c");
    }

    [Fact(Timeout = 30_000)]
    public async Task Published_PositionsOfAChannel_RiseAndAreReturned()
    {
        var first = await _publisher.PublishAsync("news", "a");
        var batch = await _publisher.PublishBatchAsync("news", ["b", "c"]);
        await _publisher.PublishAsync("other", "d");
        var last = await _publisher.PublishAsync("news", "e");

        _publisher.PublishedTo("news").Select(message => message.Position).Should().Equal(first, batch[0], batch[1], last);
        _publisher.PublishedTo("news").Select(message => message.Position!.Value.Sequence).Should().Equal(1, 2, 3, 4);
    }

    [Fact(Timeout = 30_000)]
    public async Task WaitFor_AMessageThatIsPublishedLater_ReturnsIt()
    {
        await _publisher.PublishAsync("jobs/7", 50, eventName: "progress");
        var waiting = _publisher.WaitForAsync(message => message.Event == "result");
        await _publisher.PublishAsync("jobs/7", 75, eventName: "progress");
        waiting.IsCompleted.Should().BeFalse();

        await _publisher.PublishAsync("jobs/7", 42, eventName: "result");

        (await waiting).ReadFromJson<int>().Should().Be(42);
        (await _publisher.WaitForAsync(message => message.Event == "progress")).Data.Should().Be("50");
    }

    [Fact(Timeout = 30_000)]
    public async Task WaitFor_AMessageThatIsNotPublished_NamesThePublished()
    {
        await _publisher.PublishAsync("jobs/7", 50, eventName: "progress");

        var waiting = () => _publisher.WaitForAsync(message => message.Event == "result", TimeSpan.FromMilliseconds(10));

        (await waiting.Should().ThrowAsync<EventStreamTestException>()).WithMessage("*only these were: jobs/7: progress, data '50'.");
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_EachCall_IsCounted()
    {
        _publisher.Failure = new EventStreamLogException("away") { IsTransient = true };
        for (var i = 0; i < 2; i++)
        {
            await _publisher.Invoking(publisher => publisher.PublishAsync("a", 1).AsTask()).Should().ThrowAsync<EventStreamLogException>();
        }

        _publisher.Failure = null;

        await _publisher.PublishAsync("a", 1);

        _publisher.FailedCalls.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Published_InATransactionWithATagOfThisProcess_IsRefusedAsInALog()
    {
        using var transaction = new LoneTransaction();

        var publishing = () => _publisher.PublishAsync("orders", new EventStreamMessage { Data = "a" }, transaction, new() { Tag = 7 })
            .AsTask();

        (await publishing.Should().ThrowAsync<ArgumentException>()).WithMessage("*a tag must be a string, not a System.Int32*");
        _publisher.Messages.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Published_InATransaction_NamesTheTransaction()
    {
        using var transaction = new LoneTransaction();

        await _publisher.PublishAsync("orders", new EventStreamMessage { Data = "a" }, transaction);
        await _publisher.PublishAsync("orders", new Quote("MSFT", 1), transaction, eventName: "quote");
        await _publisher.PublishBatchAsync("orders", [new() { Data = "b" }, new() { Data = "c" }], transaction);
        await _publisher.PublishAsync("orders", "d");

        _publisher.Messages.Select(message => message.Transaction).Should().Equal(transaction, transaction, transaction, transaction, null);
        _publisher.Messages.Select(message => message.Data).Should().Equal("a", "{\"symbol\":\"MSFT\",\"price\":1}", "b", "c", "d");
        _publisher.Messages.Take(4).Should().OnlyContain(message => message.Position == default);
        await RefusesAsync<ArgumentNullException>(
            () => _publisher.PublishAsync("orders", "e", transaction: null!).AsTask(), "*transaction*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Data_OfAnObjectThatChangesLater_IsWhatWasPublished()
    {
        List<int> numbers = [1];

        await _publisher.PublishAsync("news", numbers);
        numbers.Add(2);

        _publisher.Messages[0].Data.Should().Be("[1]");
    }

    [Fact(Timeout = 30_000)]
    public async Task ReadJson_OfAValue_IsTheValue()
    {
        await _publisher.PublishAsync("prices", new Quote("MSFT", 1));
        await _publisher.PublishAsync("prices", "text");

        var message = _publisher.Messages[0];
        message.ReadFromJson<Quote>().Should().Be(new Quote("MSFT", 1));
        message.ReadFromJson(QuoteJson.Default.Quote).Should().Be(new Quote("MSFT", 1));
        message.ReadFromJson<Quote>(new JsonSerializerOptions()).Should().Be(new Quote(null!, 0), "these options look for other names");
        var text = _publisher.Messages[1];
        text.Invoking(it => it.ReadFromJson<Quote>()).Should().Throw<EventStreamTestException>()
            .WithMessage("*Quote*prices: message, data 'text'*");
        text.Invoking(it => it.ReadFromJson(QuoteJson.Default.Quote)).Should().Throw<EventStreamTestException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Options_ForJsonAndChannels_AreThoseOfTheApp()
    {
        var publisher = new RecordingPublisher(
            channel => (channel.MaxBytes, channel.Protocol) = (1024, new() { AllowedEvents = ["error"] }),
            new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, TypeInfoResolver = QuoteJson.Default });

        await publisher.PublishAsync("news", new Quote("MSFT", 1), eventName: "error");

        publisher.Messages[0].Event.Should().Be("error");
        publisher.Messages[0].ReadFromJson(QuoteJson.Default.Quote).Should().Be(new Quote("MSFT", 1));
        await RefusesAsync<ArgumentException>(() => publisher.PublishAsync("news", new string('x', 1024)).AsTask(), "*at most 1024*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_WhatAHubRefuses_IsRefusedAndNotRemembered()
    {
        using var transaction = new LoneTransaction();
        var message = new EventStreamMessage { Data = "a" };
        var (named, reserved) = (message with { Event = "error" }, message with { Event = "stream-gap" });
        EventStreamMessage[] wrong = [default, message with { Id = "1" }, named, reserved];

        foreach (var one in wrong)
        {
            await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("news", one).AsTask(), "*");
            await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("news", one, transaction).AsTask(), "*");
            await RefusesAsync<ArgumentException>(() => _publisher.PublishBatchAsync("news", [message, one]).AsTask(), "*");
            await RefusesAsync<ArgumentException>(() => _publisher.PublishBatchAsync("news", [message, one], transaction).AsTask(), "*");
        }

        await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("", "a").AsTask(), "*");
        await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("a\nb", "a").AsTask(), "*control character*");
        await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("news", (string?)null).AsTask(), "*null text*");
        var withoutKey = new EventStreamMetadata { IdempotencyKey = "" };
        await RefusesAsync<ArgumentException>(() => _publisher.PublishAsync("news", "a", withoutKey).AsTask(), "*from 1 to 256*");
        await RefusesAsync<InvalidOperationException>(
            () => _publisher.PublishAsync("news", new SseItem<string>("a")).AsTask(), "*SseItem*");
        await RefusesAsync<NotSupportedException>(() => _publisher.PublishAsync("news", new { Inside = message }).AsTask(), "*is a frame*");
        var cancelled = new CancellationToken(canceled: true);
        await RefusesAsync<OperationCanceledException>(
            () => _publisher.PublishAsync("news", "a", cancellationToken: cancelled).AsTask(), "*");

        _publisher.Messages.Should().BeEmpty();
        (await _publisher.PublishAsync("news", "a")).Sequence.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_WhileItIsSet_IsThrownAndNothingIsRemembered()
    {
        using var transaction = new LoneTransaction();
        var outage = new EventStreamLogException("The database is unavailable.") { IsTransient = true };
        _publisher.Failure = outage;
        Func<Task>[] publishing =
        [
            () => _publisher.PublishAsync("news", "a").AsTask(),
            () => _publisher.PublishAsync("news", "a", transaction).AsTask(),
            () => _publisher.PublishBatchAsync("news", ["a"]).AsTask(),
            () => _publisher.PublishBatchAsync("news", ["a"], transaction).AsTask(),
        ];

        foreach (var publish in publishing) (await publish.Should().ThrowAsync<EventStreamLogException>()).Which.Should().BeSameAs(outage);
        _publisher.Messages.Should().BeEmpty();
        _publisher.Failure = null;

        (await _publisher.PublishAsync("news", "a")).Sequence.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Published_FromManyThreads_EachIsRememberedInTheOrderOfItsPosition()
    {
        using var start = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(publisher => Task.Run(async () =>
        {
            start.SignalAndWait();
            for (var n = 0; n < 2500; n++)
            {
                if (n % 2 == 0) await _publisher.PublishAsync("news", $"{publisher} {n}");
                else await _publisher.PublishBatchAsync("news", [$"{publisher} {n}"]);
            }
        }))).OrFail();

        var sequences = _publisher.PublishedTo("news").Select(message => message.Position!.Value.Sequence);
        sequences.Should().Equal(Enumerable.Range(1, 10_000).Select(n => (long)n));
        _publisher.Messages.Select(message => message.Data).Should().OnlyHaveUniqueItems();
    }

    [Fact(Timeout = 30_000)]
    public async Task Clear_AfterMessages_ForgetsThemAndPositionsGoOn()
    {
        await _publisher.PublishAsync("news", "a");
        _publisher.Clear();

        (await _publisher.PublishAsync("news", "b")).Sequence.Should().Be(2);
        _publisher.Messages.Should().ContainSingle().Which.Data.Should().Be("b");
    }

    private static async Task RefusesAsync<TException>(Func<Task> publish, string reason)
        where TException : Exception =>
        await publish.Should().ThrowAsync<TException>().WithMessage(reason);

    public sealed record Quote(string Symbol, int Price);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Quote))]
    internal sealed partial class QuoteJson : JsonSerializerContext;
}
