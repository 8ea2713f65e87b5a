using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A channel of a pattern that is dropped for being idle, just as it is used again.</summary>
public sealed class SweepRaceTests(ITestOutputHelper output)
{
    [Fact(Timeout = 300_000)]
    public async Task Sweep_JustAsOnePublishesAndOneSubscribes_TheMessageArrivesAndTheEnd()
    {
        using var hub = new LoneHub(options => (options.IdleTimeout, options.Start) = (TimeSpan.FromSeconds(1), EventStreamStart.Oldest));
        var (dropped, kept) = (0, 0);
        await Race.RunAsync(output, async random =>
        {
            var name = $"orders {random.Next()}";
            var idle = hub.GetChannel(name);
            var swept = idle.Backing;
            var client = new CutClient(id => LoneHub.Open(null, id, idle), random);
            hub.Time.Advance(TimeSpan.FromMilliseconds(1_500));

            await Race.AtOnceAsync(
                random,
                () => Do(hub.Hub.Registry.Sweep),
                async () =>
                {
                    await idle.PublishAsync("arrives");
                    await idle.CompleteAsync();
                },
                () => client.ReadToEndAsync(isCut: false));

            client.Received.Select(message => message.Data).Should().Equal("arrives");
            if (swept.IsRetired) dropped++;
            else kept++;
        });
        output.WriteLine($"{dropped} dropped, {kept} kept");
    }

    [Fact(Timeout = 300_000)]
    public async Task Leave_JustAsTheFirstMessageIsPublished_ThePositionIsTheOneBeforeIt()
    {
        using var hub = new LoneHub();
        var (dropped, kept) = (0, 0);
        await Race.RunAsync(output, async random =>
        {
            var name = $"orders {random.Next()}";
            var channel = hub.GetChannel(name);
            var left = channel.Backing;
            var cursor = LoneHub.Open(null, null, channel);
            var before = cursor.LastId!;
            EventStreamPosition first = default;

            await Race.AtOnceAsync(
                random,
                () => cursor.DisposeAsync().AsTask(),
                async () => first = await channel.PublishAsync("first"));

            first.ToString().Should().Be(before[..^1] + "1");
            hub.GetChannel(name).Count.Should().Be(1);
            if (left.IsRetired) dropped++;
            else kept++;
        });
        output.WriteLine($"{dropped} dropped, {kept} kept");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sweep_IdleAndEmpty_DropsAndAHeldReferenceLeadsToTheNextOfTheName()
    {
        using var hub = new LoneHub(options => (options.IdleTimeout, options.Start) = (TimeSpan.FromSeconds(1), EventStreamStart.Oldest));
        var held = hub.GetChannel("orders-7");
        hub.Time.Advance(TimeSpan.FromSeconds(2));
        hub.Hub.TryGetChannel("orders-7", out _).Should().BeFalse();

        await held.PublishAsync("one");
        var client = new CutClient(id => LoneHub.Open(null, id, held), new Random(1));
        var reading = client.ReadToEndAsync(isCut: false);
        await held.CompleteAsync();
        await reading;

        client.Received.Select(message => message.Data).Should().Equal("one");
        hub.GetChannel("orders-7").Should().NotBeSameAs(held);
        hub.GetChannel("orders-7").IsCompleted.Should().BeTrue();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_ChannelRetiredBeforeTheSubscriberRegisters_JoinsTheNextOfTheName(bool isIdle)
    {
        var time = new InterruptedTime();
        using var hub = new LoneHub(time: time);
        var channel = hub.GetChannel("orders-7");
        var retired = channel.Backing;

        // The subscriber has found the channel when it asks for the time.
        time.Interruption = () =>
        {
            if (isIdle) channel.History.TryRetireIdle(isKeptElsewhere: false, () => true);
            else channel.History.Retire();
        };
        await using var cursor = LoneHub.Open(null, null, channel);

        time.Interruption.Should().BeNull("or this tests nothing");
        hub.GetChannel("orders-7").Should().NotBeSameAs(retired.Channel);
        hub.GetChannel("orders-7").SubscriberCount.Should().Be(1);
        retired.Subscribers.Count.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Retire_WhileTheSweepLooksForUsers_IsFinal()
    {
        using var hub = new LoneHub();
        var retired = hub.GetChannel("orders-7");

        retired.History.TryRetireIdle(isKeptElsewhere: true, () =>
        {
            retired.History.Retire();
            return false;
        });

        await using var cursor = LoneHub.Open(null, null, retired);
        hub.GetChannel("orders-7").Should().NotBeSameAs(retired);
        hub.GetChannel("orders-7").SubscriberCount.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Channel_RetiredAndNotRemovedYet_IsAnother()
    {
        using var hub = new LoneHub();
        var retired = hub.GetChannel("orders-7");
        retired.History.Retire();

        hub.Hub.TryGetChannel("orders-7", out _).Should().BeFalse();
        hub.GetChannel("orders-7").Should().NotBeSameAs(retired);
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_HeldReferenceToOneThatWasCompleteAndDropped_CompletesTheNextOfTheName()
    {
        using var hub = new LoneHub(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        var held = hub.GetChannel("orders-7");
        await held.CompleteAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(2));
        await held.PublishAsync("one");

        await held.CompleteAsync();

        hub.GetChannel("orders-7").Should().NotBeSameAs(held);
        hub.GetChannel("orders-7").IsCompleted.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_JoinedJustBeforeItsChannelIsIdle_CanStillBeRead()
    {
        using var hub = new LoneHub(options => options.IdleTimeout = TimeSpan.FromSeconds(10));
        var run = (await hub.Hub.Run("answers", (_, _) => One()).StartAsync()).Channel;
        await Soon.Until(() => run.IsCompleted);
        hub.Time.Advance(TimeSpan.FromSeconds(9.5));

        var joined = (await hub.Hub.Run("answers", (_, _) => One()).StartAsync()).Channel;
        hub.Time.Advance(TimeSpan.FromSeconds(1.5));
        var client = new CutClient(id => LoneHub.Open(null, id, joined), new Random(1));
        await client.ReadToEndAsync(isCut: false);

        joined.Should().BeSameAs(run);
        client.Received.Select(message => message.Data).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_CompletedByAnotherWhileItIsSilent_WritesToNoOtherChannel()
    {
        using var hub = new LoneHub(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        var (goOn, isOver) = (new TaskCompletionSource(), new TaskCompletionSource());
        var run = (await hub.Hub.Run("answers", (_, _) => Late()).StartAsync()).Channel;
        await run.CompleteAsync();
        hub.Time.Advance(TimeSpan.FromMinutes(1));

        var next = (await hub.Hub.Run("answers", (_, stop) => Silent.Forever(stop)).StartAsync()).Channel;
        next.Should().NotBeSameAs(run, "the run is complete, and its channel was dropped when it was idle");
        goOn.SetResult();
        await isOver.Task.OrFail();

        run.Count.Should().Be(0);
        next.Count.Should().Be(0);

        async IAsyncEnumerable<EventStreamMessage> Late()
        {
            try
            {
                await goOn.Task;
                yield return new() { Data = "late" };
            }
            finally
            {
                isOver.SetResult();
            }
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sweep_SubscribedOrNotEmpty_Stays(bool isSubscribed)
    {
        using var hub = new LoneHub(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        var channel = hub.GetChannel("orders-7");
        await using var cursor = isSubscribed ? LoneHub.Open(null, null, channel) : null;
        if (!isSubscribed) await channel.PublishAsync("retained");

        hub.Time.Advance(TimeSpan.FromMinutes(5));

        hub.GetChannel("orders-7").Should().BeSameAs(channel);
    }

    private static async IAsyncEnumerable<EventStreamMessage> One()
    {
        await Task.CompletedTask;
        yield return new() { Data = "one" };
    }

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    /// <summary>Something happens just as the time is asked for, once.</summary>
    private sealed class InterruptedTime : TimeProvider
    {
        public Action? Interruption { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            (var interruption, Interruption) = (Interruption, null);
            interruption?.Invoke();
            return base.GetUtcNow();
        }
    }
}
