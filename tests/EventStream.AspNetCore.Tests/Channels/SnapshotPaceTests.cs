using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A subscriber that cannot keep up with a channel that has <c>OnGap</c>: its snapshots come at growing intervals.</summary>
public sealed class SnapshotPaceTests : IDisposable
{
    private const int Capacity = 100;
    private const int MostAsked = 1000;

    private readonly LoneHub _hub;
    private readonly EventStreamChannel _channel;
    private readonly List<TimeSpan> _askedAt = [];
    private Func<Task> _loading = () => Task.CompletedTask;

    public SnapshotPaceTests()
    {
        _hub = new LoneHub(options =>
        {
            options.Capacity = Capacity;
            options.OnGap = async (_, _) =>
            {
                // Ends in any case, so that a failure is seen.
                if (_askedAt.Count == MostAsked) throw new InvalidOperationException("OnGap is asked without end.");
                _askedAt.Add(_hub!.Time.Elapsed);
                await _loading();
                return new([new() { Event = "state", Data = $"{_askedAt.Count}" }]);
            };
        });
        _channel = _hub.GetChannel("a");
    }

    public void Dispose() => _hub.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task OnGap_AlwaysOvertaken_IsAskedAtGrowingIntervalsUpToALongest()
    {
        _loading = () => PublishAsync(Capacity + 1);
        await using var cursor = await OpenBehindAsync();
        var text = await ReadUntilAsync(cursor, "event: state\n");

        foreach (var least in (double[])[1, 2, 4, 8, 16, 30, 30, 30, 30])
        {
            // Its timer is set when the call returns, so that the clock cannot run ahead of it.
            var reading = ReadUntilAsync(cursor, "event: state\n");
            await _hub.Time.AdvanceAsync(TimeSpan.FromSeconds(least - 0.001));
            var asked = _askedAt.Count;
            _hub.Time.Advance(TimeSpan.FromSeconds((0.5 * least) + 0.002));
            text += await reading;
            _askedAt.Should().HaveCount(asked + 1, "it is asked after {0} s to {1} s", least, 1.5 * least);
        }

        ReferenceParser.Parse(text).Events.Select(message => message.Event)
            .Should().Equal(_askedAt.SelectMany(_ => (string[])["stream-gap", "state"]));
    }

    [Fact(Timeout = 60_000)]
    public async Task OnGap_TakesTwoHundredMillisecondsOfTwoThousandMessagesASecond_IsAskedAtMostThreeTimesInFiveSeconds()
    {
        _loading = () => Task.Delay(TimeSpan.FromMilliseconds(200), _hub.Time);
        var cursor = await OpenBehindAsync();
        await using var publisher = _hub.Time.CreateTimer(
            _ => PublishAsync(20).Wait(), null, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        var reading = ReadAsync(cursor);
        var step = TimeSpan.FromMilliseconds(50);

        await _hub.Time.AdvanceUntilAsync(Soon.Until(() => _askedAt.Count >= 4), step);

        (_askedAt[3] - _askedAt[0]).Should().BeGreaterThan(TimeSpan.FromSeconds(5));
        cursor.Interrupt();
        await reading.OrFail();
        await _hub.Time.AdvanceUntilAsync(cursor.DisposeAsync().AsTask(), step);
    }

    [Fact(Timeout = 60_000)]
    public async Task OnGap_SubscriberThatIsBehindAgainSoon_IsAskedAtGrowingIntervalsThoughNoSnapshotWasOvertaken()
    {
        await using var cursor = await OpenBehindAsync();
        (await NextAsync(cursor)).Should().StartWith("event: stream-gap\n").And.Contain("\"evicted\"").And.Contain("data: 1\n");

        foreach (var least in (double[])[1, 2, 4])
        {
            await FallBehindAsync(cursor);
            var next = NextAsync(cursor);
            await _hub.Time.AdvanceAsync(1.5 * TimeSpan.FromSeconds(least));
            (await next).Should().StartWith("event: stream-gap\n").And.Contain("\"slow\"").And.Contain("event: state\n");
            (_askedAt[^1] - _askedAt[^2]).TotalSeconds.Should().BeInRange(least - 0.001, 1.5 * least);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task OnGap_SubscriberThatHasKeptUpForAMinute_IsAskedAtOnceAndTheIntervalsBeginAgain()
    {
        await using var cursor = await OpenBehindAsync();
        await NextAsync(cursor);
        await FallBehindAsync(cursor);
        var second = NextAsync(cursor);
        await _hub.Time.AdvanceAsync(TimeSpan.FromSeconds(2));
        await second;
        await _channel.PublishAsync("live");
        (await NextAsync(cursor)).Should().EndWith("data: live\n\n");
        await _hub.Time.AdvanceAsync(TimeSpan.FromMinutes(1));

        await FallBehindAsync(cursor);
        (await NextAsync(cursor)).Should().Contain("event: state\n");
        await FallBehindAsync(cursor);
        var fourth = NextAsync(cursor);
        _hub.Time.Advance(TimeSpan.FromSeconds(1.5));
        await fourth;

        (_askedAt[^1] - _askedAt[^2]).TotalSeconds.Should().BeInRange(0.999, 1.5);
    }

    [Fact(Timeout = 30_000)]
    public async Task Interrupt_BetweenTwoSnapshots_EndsTheMove()
    {
        await using var cursor = await OpenBehindAsync();
        await NextAsync(cursor);
        await FallBehindAsync(cursor);
        var move = cursor.MoveNextAsync().AsTask();

        cursor.Interrupt();

        (await move.OrFail()).Should().BeFalse();
        _askedAt.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Interrupt_WhileOnGapIgnoresItsToken_EndsTheMoveAndTheDisposalWaitsForIt()
    {
        var (isLoading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _loading = () =>
        {
            isLoading.SetResult();
            return goOn.Task;
        };
        var cursor = await OpenBehindAsync();
        var move = cursor.MoveNextAsync().AsTask();
        await isLoading.Task.OrFail();

        cursor.Interrupt();

        (await move.OrFail()).Should().BeFalse();
        var disposal = cursor.DisposeAsync().AsTask();
        _channel.SubscriberCount.Should().Be(0);
        disposal.IsCompleted.Should().BeFalse("the session abandons a disposal, and names the endpoint");
        goOn.SetResult();
        await disposal.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_OfSeveralChannelsWhileOnGapIgnoresItsToken_LeavesAllAtOnce()
    {
        var (isLoading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _loading = () =>
        {
            isLoading.SetResult();
            return goOn.Task;
        };
        var ids = await SayAsync(Capacity + 2);
        var other = _hub.GetChannel("b");
        var cursor = LoneHub.Open(null, $"{ids[0]},{other.Newest}", _channel, other);
        _ = cursor.MoveNextAsync();
        await isLoading.Task.OrFail();
        cursor.Interrupt();

        var disposal = cursor.DisposeAsync().AsTask();

        (_channel.SubscriberCount, other.SubscriberCount).Should().Be((0, 0));
        goOn.SetResult();
        await disposal.OrFail();
    }

    [Fact(Timeout = 60_000)]
    public async Task SeveralChannels_OneWaitsForItsNextSnapshot_TheOtherContinues()
    {
        _loading = () => PublishAsync(Capacity + 1);
        var ids = await SayAsync(Capacity + 2);
        var other = _hub.GetChannel("b");
        await using var cursor = LoneHub.Open(null, $"{ids[0]},{other.Newest}", _channel, other);
        var text = await ReadUntilAsync(cursor, "event: state\n");
        _hub.Time.Advance(TimeSpan.FromMilliseconds(900));

        for (var n = 0; n < 3; n++) await other.PublishAsync($"b{n}");

        text += await ReadUntilAsync(cursor, "data: b2\n\n");
        var data = ReferenceParser.Parse(text).Events.Where(message => message.Event != "stream-gap")
            .Select(message => message.Data);
        data.Should().Equal("1", "b0", "b1", "b2");
    }

    /// <summary>Opens a subscriber whose position is not retained any more.</summary>
    private async Task<FrameCursor> OpenBehindAsync() => LoneHub.Open(null, (await SayAsync(Capacity + 2))[0], _channel);

    /// <summary>Publishes more than is retained, and has the subscriber notice.</summary>
    private async Task FallBehindAsync(FrameCursor cursor)
    {
        await PublishAsync(Capacity + 1);
        (await NextAsync(cursor)).Should().BeEmpty();
    }

    private async Task<string[]> SayAsync(int count)
    {
        var ids = new string[count];
        for (var n = 0; n < count; n++) ids[n] = (await _channel.PublishAsync("x")).ToString();
        return ids;
    }

    private Task<string[]> PublishAsync(int count) => SayAsync(count);

    private static async Task<string> NextAsync(FrameCursor cursor)
    {
        (await cursor.MoveNextAsync().AsTask().OrFail("the cursor's next move")).Should().BeTrue();
        var output = new ArrayBufferWriter<byte>();
        cursor.WriteCurrent(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Reads until a text has come, and returns everything that was read.</summary>
    private static async Task<string> ReadUntilAsync(FrameCursor cursor, string text)
    {
        var all = "";
        while (!all.Contains(text, StringComparison.Ordinal)) all += await NextAsync(cursor);
        return all;
    }

    private static Task<string> ReadAsync(FrameCursor cursor) => Task.Run(async () =>
    {
        var output = new ArrayBufferWriter<byte>();
        while (await cursor.MoveNextAsync()) cursor.WriteCurrent(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    });
}
