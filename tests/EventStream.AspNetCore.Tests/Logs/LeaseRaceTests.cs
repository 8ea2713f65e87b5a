using System.Buffers;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A lease that runs out and is renewed at any moment, and streams that hold meanwhile.</summary>
public sealed class LeaseRaceTests(ITestOutputHelper output)
{
    private static readonly EventStreamSubscriptionOptions Ann = new() { User = "ann", Start = EventStreamStart.Oldest };

    [Fact(Timeout = 300_000)]
    public async Task Lease_RunsOutAndIsRenewed_EveryMessageArrivesOnceAndNoStreamSleepsOn()
    {
        var time = new FakeTime();
        await using var services = Services(time);
        var hub = services.GetRequiredService<EventStreamHub>();
        var lease = hub.Node!.Presence.Lease;
        await Race.RunAsync(output, async random =>
        {
            EventStreamChannel[] channels = [hub.GetChannel($"{random.Next()}"), hub.GetChannel($"{random.Next()}")];
            var (spins, others) = (new Random(random.Next()), new Random(random.Next()));
            var streams = Enumerable.Range(0, 4).Select(n => ReadToEndAsync(Open(n % 2 == 0 ? channels : channels[..1]))).ToArray();
            var isPublished = false;
            await Race.AtOnceAsync(
                random,
                async () =>
                {
                    for (var n = 0; n < 50; n++)
                    {
                        foreach (var channel in channels) await channel.PublishAsync($"{n}");
                        Thread.SpinWait(spins.Next(500));
                    }

                    foreach (var channel in channels) await channel.CompleteAsync();
                    Volatile.Write(ref isPublished, true);
                },
                () =>
                {
                    while (!Volatile.Read(ref isPublished))
                    {
                        time.Advance(TimeSpan.FromSeconds(others.Next(7)));
                        Thread.SpinWait(others.Next(500));
                        Renew();
                    }

                    return Task.CompletedTask;
                });

            Renew();
            for (var n = 0; n < streams.Length; n++)
            {
                var events = ReferenceParser.Parse(await streams[n].OrFail("the end of a stream")).Events.Select(message => message.Data)
                    .ToArray();
                events.Where(data => data != "end").Order().Should().Equal(
                    Enumerable.Range(0, 50).SelectMany(number => Enumerable.Repeat($"{number}", n % 2 == 0 ? 2 : 1)).Order());
            }
        });

        void Renew()
        {
            lease.Announced(time.GetTimestamp(), new("epoch", 1));
            lease.Read(time.GetTimestamp(), new("epoch", 1));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Interrupt_AtAnyMoment_EndsAStreamThatHoldsOrDoesNot()
    {
        var time = new FakeTime();
        await using var services = Services(time);
        var hub = services.GetRequiredService<EventStreamHub>();
        var lease = hub.Node!.Presence.Lease;
        await Race.RunAsync(output, async random =>
        {
            var channel = hub.GetChannel($"{random.Next()}");
            await channel.PublishAsync("first");
            var cursors = Enumerable.Range(0, 20).Select(_ => Open([channel])).ToArray();
            var streams = cursors.Select(ReadToEndAsync).ToArray();
            var (spins, others) = (new Random(random.Next()), new Random(random.Next()));
            await Race.AtOnceAsync(
                random,
                async () =>
                {
                    for (var n = 0; n < 20; n++)
                    {
                        await channel.PublishAsync("x");
                        time.Advance(TimeSpan.FromSeconds(spins.Next(2) * 6));
                        if (spins.Next(2) == 0) lease.Announced(time.GetTimestamp(), new("epoch", 1));
                        lease.Read(time.GetTimestamp(), new("epoch", 1));
                        Thread.SpinWait(spins.Next(200));
                    }
                },
                () =>
                {
                    foreach (var cursor in cursors)
                    {
                        Thread.SpinWait(others.Next(500));
                        cursor.Interrupt();
                    }

                    return Task.CompletedTask;
                });

            await Task.WhenAll(streams).OrFail("the end of the streams");
        });
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Lease_IsRenewed_AStreamThatHoldsContinuesThoughItStayedLinked(int count)
    {
        var time = new FakeTime();
        await using var services = Services(time);
        var hub = services.GetRequiredService<EventStreamHub>();
        var lease = hub.Node!.Presence.Lease;
        var channels = Enumerable.Range(0, count).Select(n => hub.GetChannel($"{n}")).ToArray();
        var signal = new StreamSignal();
        await using var cursor = Open(channels);
        var bytes = new ArrayBufferWriter<byte>();

        // It has no lease yet, and holds. A message and a look at it for another reason change nothing.
        while (cursor.Poll(signal) == PollResult.Ready) cursor.WriteCurrent(bytes).Should().Be(0);
        lease.IsHolding.Should().BeTrue();
        await channels[^1].PublishAsync("held");
        cursor.Poll(signal).Should().Be(PollResult.Pending);

        lease.Announced(time.GetTimestamp(), new("epoch", 1));
        lease.Read(time.GetTimestamp(), new("epoch", 1));

        (await signal.WaitAsync().AsTask().OrFail("the wake by the renewal")).Should().Be(StreamWake.Source);
        while (cursor.Poll(signal) == PollResult.Ready) cursor.WriteCurrent(bytes);
        ReferenceParser.Parse(bytes.WrittenSpan).Events.Select(message => message.Data).Should().Equal("held");
        lease.IsHolding.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Lease_HasRunOutAgainWhenAStreamIsWoken_TheNextRenewalWakesIt()
    {
        var time = new FakeTime();
        await using var services = Services(time);
        var hub = services.GetRequiredService<EventStreamHub>();
        var lease = hub.Node!.Presence.Lease;
        var signal = new StreamSignal();
        await using var cursor = Open([hub.GetChannel("a")]);
        var bytes = new ArrayBufferWriter<byte>();
        while (cursor.Poll(signal) == PollResult.Ready) cursor.WriteCurrent(bytes);
        lease.Announced(time.GetTimestamp(), new("epoch", 1));
        lease.Read(time.GetTimestamp(), new("epoch", 1));
        await signal.WaitAsync().AsTask().OrFail("the first wake");
        time.Advance(TimeSpan.FromMinutes(1));
        while (cursor.Poll(signal) == PollResult.Ready) cursor.WriteCurrent(bytes).Should().Be(0);

        lease.Announced(time.GetTimestamp(), new("epoch", 2));
        lease.Read(time.GetTimestamp(), new("epoch", 2));

        await signal.WaitAsync().AsTask().OrFail("the second wake");
        cursor.Poll(signal).Should().Be(PollResult.Ready);
        cursor.WriteCurrent(bytes).Should().BePositive();
    }

    // A node that is not started, so that only the test renews its lease.
    private static ServiceProvider Services(FakeTime time)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        var log = new LogLink(new SharedLog());
        log.Freeze();
        services.AddEventStreams().AddChannel("{name}", options => options.InMemory = true).AddLog(_ => log);
        return services.BuildServiceProvider();
    }

    private static FrameCursor Open(EventStreamChannel[] channels) =>
        LoneHub.Open(Ann, null, channels);

    private static Task<byte[]> ReadToEndAsync(FrameCursor cursor) => Task.Run(async () =>
    {
        var output = new ArrayBufferWriter<byte>();
        while (await cursor.MoveNextAsync()) cursor.WriteCurrent(output);
        await cursor.DisposeAsync();
        return output.WrittenSpan.ToArray();
    });
}
