using System.Collections.Concurrent;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels.Reading;

/// <summary>A channel in memory that is read in the process: what its loop gets, and how it ends.</summary>
public sealed class ReadTests
{
    [Fact(Timeout = 30_000)]
    public async Task Read_AfterAPosition_WhatFollowsItAndThenWhatIsPublished()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        var ids = await channel.SayManyAsync(3);
        await using var reader = new EntryReader(channel.ReadAsync(EventStreamPosition.Parse(ids[1])));

        var second = await reader.NextAsync();
        (await reader.TextsAsync(1)).Should().Equal("m3");
        reader.Ask();
        await channel.PublishAsync(new EventStreamMessage { Event = "price", Data = "m4" }, new() { Key = "k" });
        var live = await reader.NextAsync();

        (second.Data, second.Position.ToString(), second.Gap, second.Event, second.Metadata).Should().Be(("m2", ids[2], null, null, null));
        (live.Data, live.Position.Sequence, live.Event, live.Metadata!.Key).Should().Be(("m4", 4L, "price", "k"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_WithoutAPosition_BeginsWhereTheChannelSaysOrTheSubscription()
    {
        using var hub = new LoneHub(options => options.Start = EventStreamStart.Last(2));
        var channel = hub.GetChannel("prices");
        await channel.SayManyAsync(3);
        await using var two = new EntryReader(channel.ReadAsync());
        await using var all = new EntryReader(
            channel.ReadAsync(null, new EventStreamSubscriptionOptions { Start = EventStreamStart.Oldest }));

        (await two.TextsAsync(2)).Should().Equal("m2", "m3");
        (await all.TextsAsync(3)).Should().Equal("m1", "m2", "m3");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LoopSlowerThanTheChannel_OneGapThenTheRetainedMessages()
    {
        using var hub = new LoneHub(options => options.Capacity = 4);
        var channel = hub.GetChannel("prices");
        await using var reader = new EntryReader(channel.ReadAsync()).Ask();
        var first = await channel.SayAsync("first");
        (await reader.NextAsync()).Data.Should().Be("first");

        await channel.SayManyAsync(10);
        var gap = await reader.NextAsync();

        gap.Gap.Should().BeEquivalentTo(new { Channel = "prices", Reason = EventStreamGapReason.Slow, Requested = first, Lost = 6L });
        (gap.Position.Sequence, gap.HasData, gap.Data, gap.Snapshot.Count).Should().Be((7L, false, "", 0));
        (await reader.TextsAsync(4)).Should().Equal("m7", "m8", "m9", "m10");
        channel.Lag.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("", EventStreamGapReason.Malformed)]
    [InlineData("another channel", EventStreamGapReason.Unknown)]
    [InlineData("the future", EventStreamGapReason.Future)]
    [InlineData("another epoch", EventStreamGapReason.Restarted)]
    public async Task Read_AfterNoPositionOfTheChannel_GapWithItsReason(string what, EventStreamGapReason reason)
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        var only = await channel.PublishAsync("one");
        EventStreamPosition after = what switch
        {
            "another channel" => new(EventStreamPosition.NewEpoch("other"), 1),
            "the future" => new(only.Epoch, 2),
            "another epoch" => new(EventStreamPosition.NewEpoch("prices"), 1),
            _ => default,
        };
        await using var reader = new EntryReader(channel.ReadAsync(after));

        (await reader.NextAsync()).Gap!.Reason.Should().Be(reason);
        (await reader.TextsAsync(1)).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_FilterUserAndSender_OnlyWhatTheSubscriptionWouldGet()
    {
        using var hub = new LoneHub(options => options.Start = EventStreamStart.Oldest);
        var channel = hub.GetChannel("prices");
        await channel.SayAsync("for ann", new() { User = "ann" });
        await channel.SayAsync("by me", new() { Sender = "me" });
        await channel.SayAsync("odd");
        await channel.SayAsync("all");
        await channel.CompleteAsync();
        await using var nobody = new EntryReader(channel.ReadAsync(filter: entry => entry.Data != "odd"));
        await using var ann = new EntryReader(
            channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "ann", ExceptSender = "me" }));

        (await nobody.TextsAsync(2)).Should().Equal("by me", "all");
        await nobody.ShouldEndAsync();
        (await ann.TextsAsync(3)).Should().Equal("for ann", "odd", "all");
        await ann.ShouldEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_OnGap_TheGapHasTheStateAndContinuesAfterIt()
    {
        EventStreamPosition? at = null;
        using var hub = new LoneHub(options =>
        {
            options.Capacity = 2;
            options.OnGap = (_, _) => new(
                new EventStreamSnapshot([new() { Event = "state", Data = "a" }, EventStreamMessage.Json(42)], at));
        });
        var channel = hub.GetChannel("prices");
        await channel.SayManyAsync(3);
        at = await channel.PublishAsync("m4");
        await channel.PublishAsync("m5");
        await using var reader = new EntryReader(channel.ReadAsync(new EventStreamPosition(at.Value.Epoch, 1)));

        var gap = await reader.NextAsync();

        (gap.Gap!.Reason, gap.Gap.Lost, gap.Position).Should().Be((EventStreamGapReason.Evicted, 2L, at.Value));
        gap.Snapshot.Select(entry => (entry.Event, entry.Data, entry.Position))
            .Should().Equal(("state", "a", at.Value), (null, "42", at.Value));
        gap.Snapshot[1].ReadFromJson<int>().Should().Be(42);
        (await reader.TextsAsync(1)).Should().Equal("m5");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_InAContext_OnGapRunsOutsideOfIt()
    {
        SynchronizationContext? seen = null;
        using var hub = new LoneHub(options =>
        {
            options.Capacity = 1;
            options.OnGap = (_, _) =>
            {
                seen = SynchronizationContext.Current;
                return new(new EventStreamSnapshot([new() { Data = "state" }]));
            };
        });
        var channel = hub.GetChannel("prices");
        await channel.SayManyAsync(3);
        var reader = channel.ReadAsync(new EventStreamPosition(channel.Epoch, 1)).GetAsyncEnumerator();
        var context = new OwnContext();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        var step = reader.MoveNextAsync().AsTask();
        SynchronizationContext.SetSynchronizationContext(before);

        (await step).Should().BeTrue();
        reader.Current.Snapshot.Should().ContainSingle();
        seen.Should().NotBeSameAs(context, "subscribers of other threads wait for it");
        await reader.DisposeAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LeftWhileOnGapRuns_CancelsItsToken()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        using var hub = new LoneHub(options =>
        {
            options.Capacity = 1;
            options.OnGap = async (_, token) =>
            {
                await using var registration = token.Register(() => cancelled.TrySetResult());
                entered.SetResult();
                await cancelled.Task;
                return new([]);
            };
        });
        var channel = hub.GetChannel("prices");
        await channel.SayManyAsync(3);
        var reader = channel.ReadAsync(new EventStreamPosition(channel.Epoch, 1), new() { User = "ann" }).GetAsyncEnumerator();
        var step = reader.MoveNextAsync().AsTask();
        await entered.Task.OrFail();

        await hub.Hub.DisconnectAsync("ann");

        (await step).Should().BeFalse();
        await cancelled.Task.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_IsASubscriber_CountedReportedAndGone()
    {
        ConcurrentQueue<string> seen = [];
        using var hub = new LoneHub(options =>
        {
            options.OnJoined = subscriber => seen.Enqueue($"joined {subscriber.User} '{subscriber.ConnectionId}'");
            options.OnLeft = subscriber => seen.Enqueue($"left {subscriber.Sequence}");
        });
        var channel = hub.GetChannel("prices");
        var entries = channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "ann" });
        channel.SubscriberCount.Should().Be(0, "nothing was asked for");

        await using (var first = new EntryReader(entries).Ask())
        {
            await using (var second = new EntryReader(entries).Ask())
            {
                channel.SubscriberCount.Should().Be(2);
                channel.Subscribers.Select(subscriber => subscriber.User).Should().Equal("ann", "ann");
                await channel.PublishAsync("one");
                await second.NextAsync();
            }

            await first.NextAsync();
            channel.SubscriberCount.Should().Be(1);
            await channel.PublishAsync("two");
            channel.Lag.Should().Be(1);
        }

        channel.SubscriberCount.Should().Be(0);
        seen.Should().Equal("joined ann ''", "joined ann ''", "left 1", "left 1");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_Cancelled_LeavesAtOnceAndThrows(bool byWithCancellation)
    {
        using var hub = new LoneHub();
        using var stop = new CancellationTokenSource();
        var channel = hub.GetChannel("prices");
        var reader = byWithCancellation
            ? new EntryReader(channel.ReadAsync(), stop.Token)
            : new EntryReader(channel.ReadAsync(cancellationToken: stop.Token));
        reader.Ask();
        channel.SubscriberCount.Should().Be(1);

        await stop.CancelAsync();

        await FluentActions.Awaiting(reader.MoveAsync).Should().ThrowAsync<OperationCanceledException>();
        channel.SubscriberCount.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_HostStops_EndsAndThrowsNothing()
    {
        await using var app = await ChannelApp.StartAsync(channels => channels.AddChannel("prices"));
        var channel = app.GetChannel("prices");
        await using var reader = new EntryReader(channel.ReadAsync()).Ask();

        app.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await reader.ShouldEndAsync();
        channel.SubscriberCount.Should().Be(0);
        await using var late = new EntryReader(channel.ReadAsync());
        await late.ShouldEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_UserIsDisconnected_EndsBeforeAnotherMessage()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        await using var ann = new EntryReader(channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "ann" })).Ask();
        await using var nobody = new EntryReader(channel.ReadAsync()).Ask();

        await hub.Hub.DisconnectAsync("ann");
        await channel.PublishAsync("one");

        await ann.ShouldEndAsync();
        (await nobody.TextsAsync(1)).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_Selected_EndsByItsUserOrItsChannelButNotWithoutAUser()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        await using var ann = new EntryReader(channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "ann" })).Ask();
        await using var bob = new EntryReader(channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "bob" })).Ask();
        await using var nobody = new EntryReader(channel.ReadAsync()).Ask();

        await hub.Hub.DisconnectAsync(new EventStreamSelector { User = "ann", Channel = "other" });
        await hub.Hub.DisconnectAsync(new EventStreamSelector { User = "ann", Claim = ("sid", "a") });
        await channel.PublishAsync("one");
        (await ann.TextsAsync(1)).Should().Equal("one");

        ann.Ask();
        await hub.Hub.DisconnectAsync(new EventStreamSelector { User = "ann", Channel = "prices" });
        await channel.PublishAsync("two");
        await ann.ShouldEndAsync();
        (await bob.TextsAsync(2)).Should().Equal("one", "two");

        bob.Ask();
        await hub.Hub.DisconnectAsync(new EventStreamSelector { Channel = "prices" });
        await channel.PublishAsync("three");
        await bob.ShouldEndAsync();
        (await nobody.TextsAsync(3)).Should().Equal("one", "two", "three");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_RunThatFails_ThrowsAfterItsMessages()
    {
        using var hub = new LoneHub();
        var run = (await hub.Hub.Run("answers", (_, _) => Failing()).StartAsync()).Channel;
        await using var reader = new EntryReader(run.ReadAsync());

        (await reader.TextsAsync(1)).Should().Equal("one");
        await FluentActions.Awaiting(reader.MoveAsync).Should().ThrowAsync<InvalidTimeZoneException>();

        static async IAsyncEnumerable<EventStreamMessage> Failing()
        {
            yield return new() { Data = "one" };
            await Task.Yield();
            throw new InvalidTimeZoneException();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_FilterThrows_SoDoesTheLoopAndItHasLeft()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        await using var reader = new EntryReader(channel.ReadAsync(filter: _ => throw new InvalidTimeZoneException())).Ask();

        await channel.PublishAsync("one");

        await FluentActions.Awaiting(reader.MoveAsync).Should().ThrowAsync<InvalidTimeZoneException>();
        channel.SubscriberCount.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LoopBlocksItsThread_PublisherAndOtherLoopsGoOn()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("prices");
        TaskCompletionSource isBlocking = new(), goOn = new();
        var blocked = Task.Run(async () =>
        {
            await foreach (var entry in channel.ReadAsync())
            {
                isBlocking.SetResult();
                goOn.Task.Wait();
                return entry.Data;
            }

            return null;
        });
        await Soon.Until(() => channel.SubscriberCount == 1);

        // One of so many is woken by the same shard.
        EntryReader[] readers = [.. Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => new EntryReader(channel.ReadAsync()).Ask())];

        await channel.PublishAsync("one");
        await isBlocking.Task.OrFail();
        foreach (var reader in readers) (await reader.TextsAsync(1)).Should().Equal("one");
        foreach (var reader in readers) reader.Ask();
        await channel.PublishAsync("two");

        foreach (var reader in readers) (await reader.TextsAsync(1)).Should().Equal("two");
        foreach (var reader in readers) await reader.DisposeAsync();
        goOn.SetResult();
        (await blocked.OrFail()).Should().Be("one");
    }

    /// <summary>Runs what is posted to it in itself, as that of a Blazor circuit does.</summary>
    private sealed class OwnContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ =>
        {
            SetSynchronizationContext(this);
            d(state);
        });
    }
}
