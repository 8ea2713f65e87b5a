using System.Buffers;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A revocation, and a stream at any point of its way.</summary>
public sealed class RevocationsTests(ITestOutputHelper output)
{
    private static readonly EventStreamSubscriptionOptions Bob = new() { User = "bob", Start = EventStreamStart.Oldest };

    [Fact(Timeout = 300_000)]
    public async Task Disconnect_AtAnyMoment_NothingThatIsPublishedAfterwardsArrives()
    {
        const int users = 200;
        using var hub = new LoneHub(options => options.Start = EventStreamStart.Oldest);
        var (opened, refused) = (0, 0);
        await Race.RunAsync(output, async random =>
        {
            EventStreamChannel[] channels = [hub.GetChannel($"{random.Next()}"), hub.GetChannel($"{random.Next()}")];
            var (spins, others) = (new Random(random.Next()), new Random(random.Next()));
            var granted = Enumerable.Repeat(true, users).ToArray();
            var cursors = new List<FrameCursor>();
            using var next = new Barrier(2);
            await Race.AtOnceAsync(
                random,
                async () =>
                {
                    for (var user = 0; user < users; user++)
                    {
                        next.SignalAndWait();
                        Thread.SpinWait(spins.Next(200));
                        Volatile.Write(ref granted[user], false);
                        await hub.Hub.DisconnectAsync($"{user}");
                    }

                    foreach (var channel in channels) await channel.PublishAsync("secret");
                    foreach (var channel in channels) await channel.CompleteAsync();
                },
                () =>
                {
                    for (var user = 0; user < users; user++)
                    {
                        next.SignalAndWait();
                        Thread.SpinWait(others.Next(200));
                        var context = new DefaultHttpContext();
                        hub.Hub.Registry.Revocations.Capture(context);
                        if (!Volatile.Read(ref granted[user])) continue;
                        var subscription = new EventStreamSubscriptionOptions { User = $"{user}" };
                        cursors.Add(LoneHub.Open(context, subscription, null, others.Next(2) == 0 ? channels : channels[..1]));
                    }

                    return Task.CompletedTask;
                });

            foreach (var cursor in cursors)
            {
                (await ReadToEndAsync(cursor)).Should().NotContain("secret");
                await cursor.DisposeAsync();
            }

            opened += cursors.Count;
            refused += users - cursors.Count;
        });
        output.WriteLine($"{opened} were opened, {refused} were refused");
        opened.Should().BePositive();
        refused.Should().BePositive("or the moments were no different ones");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Disconnect_BetweenAMoveAndItsWrite_NothingIsWritten(int count)
    {
        using var hub = new LoneHub();
        var channels = Enumerable.Range(0, count).Select(n => hub.GetChannel($"{n}")).ToArray();
        await using var cursor = LoneHub.Open(Bob, null, channels);
        foreach (var channel in channels) await channel.PublishAsync("before");
        (await cursor.MoveNextAsync()).Should().BeTrue();

        await hub.Hub.DisconnectAsync("bob");
        foreach (var channel in channels) await channel.PublishAsync("secret");

        var written = new ArrayBufferWriter<byte>();
        cursor.WriteCurrent(written).Should().Be(0);
        written.WrittenCount.Should().Be(0);
        (await ReadToEndAsync(cursor)).Should().BeEmpty();
        cursor.EndReason.Should().Be(EndReason.Disconnected);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_ByOneOfItsChannels_NothingOfTheOthersIsWritten()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b")];
        await using var cursor = LoneHub.Open(Bob, null, channels);
        await channels[0].PublishAsync("before");
        (await cursor.MoveNextAsync()).Should().BeTrue();

        await hub.Hub.DisconnectAsync(new EventStreamSelector { Channel = "b" });
        await channels[0].PublishAsync("secret");

        cursor.WriteCurrent(new ArrayBufferWriter<byte>()).Should().Be(0);
        (await ReadToEndAsync(cursor)).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_AfterASnapshotWasTaken_ItIsNotWritten()
    {
        using var hub = new LoneHub(options => options.OnGap = (_, _) => new(new EventStreamSnapshot([new() { Data = "state" }])));
        var channel = hub.GetChannel("a");
        await using var cursor = LoneHub.Open(Bob, "unknown", channel);
        (await cursor.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();

        await hub.Hub.DisconnectAsync("bob");

        cursor.WriteCurrent(new ArrayBufferWriter<byte>()).Should().Be(0);
        (await ReadToEndAsync(cursor)).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_SinceTheRequestBegan_EndsTheStreamThatItOpens()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await channel.PublishAsync("secret");
        var context = new DefaultHttpContext();
        hub.Hub.Registry.Revocations.Capture(context);
        await hub.Hub.DisconnectAsync("bob");
        await hub.Hub.DisconnectAsync("ann");

        await using var revoked = LoneHub.Open(context, Bob, null, channel);
        await using var later = LoneHub.Open(context, Bob, null, channel);

        (await ReadToEndAsync(revoked)).Should().BeEmpty();
        channel.SubscriberCount.Should().Be(2, "it leaves when its request ends");
        await channel.CompleteAsync();
        (await ReadToEndAsync(later))
            .Should().Contain("secret", "the first stream has dropped the capture, so this is a request that was never captured");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_Everything_IncludesStreamsWithoutAUserAndExcludesTheAppsOwnLoops()
    {
        using var hub = new LoneHub(options => options.Start = EventStreamStart.Oldest);
        var channel = hub.GetChannel("a");
        await channel.PublishAsync("news");
        var context = new DefaultHttpContext();
        hub.Hub.Registry.Revocations.Capture(context);
        await using var open = LoneHub.Open(null, null, channel);
        await using var loop = channel.ReadAsync().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        (await loop.MoveNextAsync()).Should().BeTrue();

        hub.Hub.Registry.Disconnect(selector: null);

        await using var opening = LoneHub.Open(context, null, null, channel);
        (await ReadToEndAsync(open)).Should().BeEmpty();
        (await ReadToEndAsync(opening)).Should().BeEmpty();
        await channel.PublishAsync("more");
        (await loop.MoveNextAsync().AsTask().OrFail("the next message of the loop")).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public void Capture_OfAnotherApp_IsNotTaken()
    {
        var (outer, inner) = (new Revocations(), new Revocations());
        var context = new DefaultHttpContext();
        outer.Capture(context);

        inner.Capture(context);
        inner.Add(User("bob"));

        inner.CaptureOf(context).FirstOf(StreamOf("bob")).Should().NotBeNull();
    }

    [Fact(Timeout = 30_000)]
    public void Capture_ThatIsVeryOld_CountsAsRevokedAndHoldsNothing()
    {
        var revocations = new Revocations();
        var (old, recent) = (new DefaultHttpContext(), new DefaultHttpContext());
        revocations.Capture(old);
        revocations.Add(User("ann"));
        revocations.Capture(recent);
        for (var n = 0; n < 4095; n++) revocations.Add(User($"{n}"));
        revocations.CaptureOf(old).FirstOf(StreamOf("bob")).Should().BeNull();

        revocations.Add(User("last"));

        revocations.CaptureOf(old).FirstOf(StreamOf("bob")).Should().NotBeNull("it cannot know");
        revocations.CaptureOf(recent).FirstOf(StreamOf("bob")).Should().BeNull();
        revocations.CaptureOf(recent).FirstOf(StreamOf("last")).Should().NotBeNull();
        revocations.CaptureOf(old).Next!.Next.Should().BeNull("a request that lasts for days must not hold all that follows");
    }

    private static EventStreamSelector User(string user) => new() { User = user };

    private static StreamIdentity StreamOf(string user) => StreamIdentity.OfLoop(user, "a");

    private static async Task<string> ReadToEndAsync(FrameCursor cursor)
    {
        var output = new ArrayBufferWriter<byte>();
        while (await cursor.MoveNextAsync().AsTask().OrFail("the cursor's next move")) cursor.WriteCurrent(output);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
