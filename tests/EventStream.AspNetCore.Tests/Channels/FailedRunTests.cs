using System.Buffers;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A run that has failed: its name is free at once, and those that it was given to still learn of the failure.</summary>
public sealed class FailedRunTests : IDisposable
{
    private static readonly EventStreamSubscriptionOptions Bob = new() { User = "bob" };

    private readonly LoneHub _hub = new();
    private readonly TaskCompletionSource _fail = new();

    public void Dispose() => _hub.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task Open_RunThatFailedSinceItWasGiven_IsReadToItsFailureAlsoAfterOthersHaveLeft()
    {
        var run = await StartAsync();
        await using (var first = LoneHub.Open(null, null, run))
        {
            await FailAsync();
            await ShouldFailAsync(first);
        }

        await using var second = LoneHub.Open(null, null, run);

        await ShouldFailAsync(second);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AfterTheRunHasFailed_GoesToAnotherChannelOfTheName()
    {
        await StartAsync();
        await FailAsync();

        var position = await _hub.GetChannel("answers").PublishAsync("news");

        position.Sequence.Should().Be(1);
        _hub.GetChannel("answers").Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_SubscriberOfARunThatHasFailed_EndsItsStream()
    {
        var run = await StartAsync();
        await using var cursor = LoneHub.Open(Bob, null, run);
        await FailAsync();

        await _hub.Hub.DisconnectAsync("bob");

        (await cursor.MoveNextAsync().AsTask().OrFail())
            .Should().BeFalse("the messages before the failure are not for one who was disconnected");
    }

    private async Task<EventStreamChannel> StartAsync()
    {
        var run = (await _hub.Hub.Run("answers", (_, _) => Messages()).StartAsync()).Channel;
        await Soon.Until(() => run.Count == 1);
        return run;
    }

    private async Task FailAsync()
    {
        _fail.SetResult();
        await Soon.Until(() => !_hub.Hub.TryGetChannel("answers", out _), "the name is free again");
    }

    private async IAsyncEnumerable<EventStreamMessage> Messages()
    {
        yield return new() { Data = "one" };
        await _fail.Task;
        throw new InvalidTimeZoneException();
    }

    private static async Task ShouldFailAsync(FrameCursor cursor)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var reading = async () =>
        {
            while (await cursor.MoveNextAsync().AsTask().OrFail()) cursor.WriteCurrent(bytes);
        };
        await reading.Should().ThrowAsync<InvalidTimeZoneException>();
        ReferenceParser.Parse(bytes.WrittenSpan).Events.Select(message => message.Data).Should().Equal("one");
    }
}
