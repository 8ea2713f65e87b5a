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
            var idle = hub.Channel(name);
            var client = new CutClient(id => LoneHub.Open(null, id, idle), random);
            hub.Time.Advance(TimeSpan.FromMilliseconds(1_500));

            await Race.AtOnceAsync(
                random,
                () =>
                {
                    hub.Hub.Sweep();
                    return Task.CompletedTask;
                },
                async () =>
                {
                    await idle.PublishAsync("arrives");
                    await idle.CompleteAsync();
                },
                () => client.ReadToEndAsync(isCut: false));

            client.Received.Select(message => message.Data).Should().Equal("arrives");
            if (idle.Log.IsClosed) dropped++;
            else kept++;
        });
        output.WriteLine($"{dropped} dropped, {kept} kept");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sweep_IdleAndEmpty_DropsAndAHeldReferenceLeadsToTheNextOfTheName()
    {
        using var hub = new LoneHub(options => (options.IdleTimeout, options.Start) = (TimeSpan.FromSeconds(1), EventStreamStart.Oldest));
        var held = hub.Channel("orders-7");
        hub.Time.Advance(TimeSpan.FromSeconds(2));
        hub.Hub.TryGetChannel("orders-7", out _).Should().BeFalse();

        await held.PublishAsync("one");
        var client = new CutClient(id => LoneHub.Open(null, id, held), new Random(1));
        var reading = client.ReadToEndAsync(isCut: false);
        await held.CompleteAsync();
        await reading;

        client.Received.Select(message => message.Data).Should().Equal("one");
        hub.Channel("orders-7").Should().NotBeSameAs(held);
        hub.Channel("orders-7").IsCompleted.Should().BeTrue();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sweep_SubscribedOrNotEmpty_Stays(bool isSubscribed)
    {
        using var hub = new LoneHub(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        var channel = hub.Channel("orders-7");
        await using var cursor = isSubscribed ? LoneHub.Open(null, null, channel) : null;
        if (!isSubscribed) await channel.PublishAsync("retained");

        hub.Time.Advance(TimeSpan.FromMinutes(5));

        hub.Channel("orders-7").Should().BeSameAs(channel);
    }
}
