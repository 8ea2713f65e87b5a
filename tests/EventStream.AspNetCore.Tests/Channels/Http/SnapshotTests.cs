using System.Text.RegularExpressions;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>What <c>OnGap</c> supplies in place of what was lost.</summary>
public abstract partial class SnapshotTests(Kept kept) : ChannelTests(kept)
{
    private EventStreamGap? _gap;

    [Fact(Timeout = 30_000)]
    public async Task OnGap_DefaultAt_GapThenStateThenPositionThenLive()
    {
        await using var app = await StartAsync((_, _) => Task.FromResult(State()));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await stream.ShouldBringAsync(
            Gap("news", "evicted", ids[1], ids[4], ids[5], 2) + "event: state\ndata: a\n\ndata: b\n\n" + Position(ids[5]));
        var next = await app.GetChannel("news").SayAsync("next");

        await stream.ShouldBringAsync(Frame(next, "next"));
        _gap!.Channel.Should().Be("news");
        _gap.Reason.Should().Be(EventStreamGapReason.Evicted);
        _gap.Requested.Should().Be(ids[1]);
        _gap.Lost.Should().Be(2);
        _gap.Oldest.ToString().Should().Be(ids[4]);
        _gap.Newest.ToString().Should().Be(ids[5]);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_AtAPosition_WhatFollowsItIsSentNext()
    {
        EventStreamPosition fourth = default;
        await using var app = await StartAsync((_, _) => Task.FromResult(State() with { At = fourth }));
        var channel = app.GetChannel("news");
        var first = await channel.SayAsync("m1");
        await channel.SayAsync("m2");
        await channel.SayAsync("m3");
        fourth = await channel.PublishAsync(new EventStreamMessage { Data = "m4" });
        var fifth = await channel.SayAsync("m5");

        using var stream = await app.OpenAsync("/news", first);

        await stream.ShouldBringAsync(
            Gap("news", "evicted", first, $"{fourth}", fifth, 2)
            + "event: state\ndata: a\n\ndata: b\n\n"
            + Position($"{fourth}")
            + Frame(fifth, "m5"));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_IteratorUsesItsBufferAgain_EachLargeMessageIsSentAsItWas()
    {
        await using var app = await StartAsync((_, _) => Task.FromResult(new EventStreamSnapshot(new ReusedBuffer())));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync(Gap("news", "evicted", ids[1], ids[4], ids[5], 2));
        foreach (var letter in "abc") await stream.ShouldBringAsync($"data: {new string(letter, ReusedBuffer.Size)}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_PublishedWhileItReads_FollowsTheState()
    {
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(async (_, _) =>
        {
            reading.SetResult();
            await goOn.Task;
            return State();
        });
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await reading.Task.OrFail();
        var next = await app.GetChannel("news").SayAsync("meanwhile");
        goOn.SetResult();

        await stream.ShouldBringAsync(
            Gap("news", "evicted", ids[1], ids[4], ids[5], 2)
            + "event: state\ndata: a\n\ndata: b\n\n"
            + Position(ids[5])
            + Frame(next, "meanwhile"));
    }

    [Fact(Timeout = 60_000)]
    public async Task OnGap_OvertakenWhileItReads_StateThenNothingForASecondThenTheGapBetweenAndTheNextStateThenLive()
    {
        var asked = 0;
        TestApp? started = null;
        await using var app = started = await StartAsync(
            async (_, _) =>
            {
                if (++asked == 1) await started!.GetChannel("news").SayManyAsync(3);
                return State();
            },
            o => o.KeepAliveInterval = TimeSpan.FromMilliseconds(500));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        await using var stream = await app.ListenAsync("/news", ids[1]);
        await Soon.Until(() => stream.Body.EndsWith(Position(ids[5]), StringComparison.Ordinal));

        var step = TimeSpan.FromMilliseconds(10);
        await app.AdvanceUntilAsync(Soon.Until(() => stream.Body.EndsWith("\n:\n", StringComparison.Ordinal)), step);
        var waiting = stream.Body;
        await app.AdvanceUntilAsync(Soon.Until(() => stream.Body.EndsWith("-8\n\n", StringComparison.Ordinal)), step);
        var next = await app.GetChannel("news").SayAsync("next");
        await Soon.Until(() => stream.Body.EndsWith(Frame(next, "next"), StringComparison.Ordinal));

        const string state = "event: state\ndata: a\n\ndata: b\n\n";
        var epoch = next[..9];
        waiting.Should().EndWith("\n:\n", "the stream is alive while it waits");
        KeepAlives().Replace(waiting, "").Should().Be(Gap("news", "evicted", ids[1], ids[4], ids[5], 2) + state + Position(ids[5]));
        KeepAlives().Replace(stream.Body[waiting.Length..], "").Should().Be(
            Gap("news", "slow", ids[5], $"{epoch}-7", $"{epoch}-8", 1) + state + Position($"{epoch}-8") + Frame(next, "next"));
        asked.Should().Be(2);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnGap_IgnoresItsToken_StreamEndsAnyway(bool hostStops)
    {
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(async (_, _) =>
        {
            reading.TrySetResult();
            await goOn.Task;
            return State();
        });
        var channel = app.GetChannel("news");
        var ids = await channel.SayManyAsync(5);
        using var stream = await app.OpenAsync("/news", ids[1]);
        await reading.Task.OrFail();

        var ending = Task.CompletedTask;
        if (hostStops) ending = app.App.StopAsync();
        else channel.Backing.Subscribers.End(EndReason.HistoryReplaced);
        await Soon.Until(() => channel.SubscriberCount == 0);
        var end = stream.ReadToEndAsync();

        await app.AdvanceUntilAsync(Task.WhenAny(end), TimeSpan.FromSeconds(1));

        await ending.OrFail();

        // The request is aborted a moment after its end. By a clock that does not wait for the client, that may come first.
        if (end.IsCompletedSuccessfully) (await end).Should().MatchRegex(@"\Aretry: \d+\n\z");
        else end.Exception!.InnerException.Should().BeAssignableTo<IOException>();
        var warnings = app.Log.AtLeast(LogLevel.Warning).Where(entry => entry.Category.StartsWith("EventStream"));
        warnings.Should().ContainSingle().Which.Message.Should().Contain("abandoned");
        goOn.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_NoMessages_GapAndPosition()
    {
        await using var app = await StartAsync((_, _) => Task.FromResult(new EventStreamSnapshot([])));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(Gap("news", "evicted", ids[1], ids[4], ids[5], 2) + Position(ids[5]) + End(ids[5]));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_CutInTheMiddleOfTheState_ClientResumesAtTheGap()
    {
        await using var app = await StartAsync((_, _) => Task.FromResult(State()));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        var state = Gap("news", "evicted", ids[1], ids[4], ids[5], 2) + "event: state\ndata: a\n\ndata: b\n\n";

        // No id before the whole state is there: the client that is cut at any byte of it still has the position that it sent.
        using (var cut = await app.OpenAsync("/news", ids[1])) await cut.ShouldBringAsync(state);
        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync(state + Position(ids[5]));
    }

    public static TheoryData<string> Wrongs =>
        ["throws", "null", "another channel", "the future", "not retained", "an id", "an object that cannot be serialised"];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Wrongs))]
    public async Task OnGap_Wrong_IsAFaultThatTellsNothingHalf(string wrong)
    {
        EventStreamPosition foreign = default, future = default, old = default;
        await using var app = await StartAsync((_, _) => wrong switch
        {
            "throws" => throw new InvalidTimeZoneException(),
            "null" => Task.FromResult<EventStreamSnapshot>(null!),
            "another channel" => Task.FromResult(State() with { At = foreign }),
            "the future" => Task.FromResult(State() with { At = future }),
            "not retained" => Task.FromResult(State() with { At = old }),
            "an id" => Task.FromResult(new EventStreamSnapshot([new() { Id = "1", Data = "a" }])),
            _ => Task.FromResult(new EventStreamSnapshot([new() { Data = "a" }, EventStreamMessage.Json(new Unserialisable())])),
        });

        // Of sequences that the channel retains, so that nothing but the epoch is wrong.
        for (var n = 0; n < 5; n++) foreign = await app.GetChannel("weather").PublishAsync(new EventStreamMessage { Data = "sun" });
        old = await app.GetChannel("news").PublishAsync(new EventStreamMessage { Data = "old" });
        var ids = await app.GetChannel("news").SayManyAsync(5);
        future = new(old.Epoch!, 7);

        using var stream = await app.OpenAsync("/news", ids[1]);

        var line = await stream.ReadLineAsync();
        line.Should().MatchRegex(@"\Aretry: \d+\n\z", "the fault's farewell is all that comes");
        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_WrongAndOnErrorSkips_IsAFaultAnyway()
    {
        await using var app = await StartAsync(
            (_, _) => Task.FromResult(new EventStreamSnapshot([EventStreamMessage.Json(new Unserialisable())])),
            o => o.OnError = _ => EventStreamErrorAction.Skip);
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ReadLineAsync();
        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_ClientLeaves_ItsTokenIsCancelled()
    {
        var cancelled = new TaskCompletionSource();
        var reading = new TaskCompletionSource();
        await using var app = await StartAsync(async (_, token) =>
        {
            token.Register(() => cancelled.TrySetResult());
            reading.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return State();
        });
        var ids = await app.GetChannel("news").SayManyAsync(5);
        var stream = await app.OpenAsync("/news", ids[1]);
        await reading.Task.OrFail();

        stream.Dispose();

        await cancelled.Task.OrFail();
        await Soon.Until(() => app.GetChannel("news").SubscriberCount == 0);
    }

    [GeneratedRegex(@"^:\n", RegexOptions.Multiline)]
    private static partial Regex KeepAlives();

    private static EventStreamSnapshot State() => new([new() { Event = "state", Data = "a" }, new() { Data = "b" }]);

    private Task<TestApp> StartAsync(
        Func<EventStreamGap, CancellationToken, Task<EventStreamSnapshot>> onGap, Action<EventStreamOptions>? options = null) => StartAsync(
        channels => channels
            .AddChannel("news", c =>
            {
                c.Capacity = 2;
                c.OnGap = (gap, token) =>
                {
                    _gap = gap;
                    return new(onGap(gap, token));
                };
            })
            .AddChannel("weather"),
        options: options);

    private sealed class Unserialisable
    {
        public string Text => throw new InvalidTimeZoneException();
    }

    /// <summary>Three large messages in one array, which has the bytes of the next one when that is asked for.</summary>
    private sealed class ReusedBuffer : IReadOnlyList<EventStreamMessage>
    {
        public const int Size = 100_000;

        private readonly byte[] _buffer = new byte[Size];

        public int Count => 3;

        public EventStreamMessage this[int index]
        {
            get
            {
                _buffer.AsSpan().Fill((byte)('a' + index));
                return new() { Data = _buffer };
            }
        }

        public IEnumerator<EventStreamMessage> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public sealed class InMemory() : SnapshotTests(Kept.InMemory);

    public sealed class InALog() : SnapshotTests(Kept.InALog);

    public sealed class BeyondMemory() : SnapshotTests(Kept.BeyondMemory);
}
