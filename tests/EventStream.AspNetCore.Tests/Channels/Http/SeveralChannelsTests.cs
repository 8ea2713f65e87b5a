using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Several channels on one connection, whose id has the positions of all.</summary>
public abstract class SeveralChannelsTests(Kept kept) : ChannelTests(kept)
{
    private const string Both = "/several?channel=a&channel=b";

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_EachMessage_CarriesThePositionsOfAll(bool http2)
    {
        await using var app = await StartLettersAsync(http2: http2);
        var (a0, b0) = ($"{await app.GetChannel("a").GetNewestAsync()}", $"{await app.GetChannel("b").GetNewestAsync()}");

        using var stream = await app.OpenAsync(Both);
        await stream.ShouldBringAsync(Position($"{a0},{b0}") + Position($"{a0},{b0}"));
        var b1 = await app.GetChannel("b").SayAsync("to b");
        await stream.ShouldBringAsync(Frame($"{a0},{b1}", "to b"));
        var a1 = await app.GetChannel("a").SayAsync("to a");
        await stream.ShouldBringAsync(Frame($"{a1},{b1}", "to a"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resume_Both_EachFromItsOwnPosition(bool http2)
    {
        await using var app = await StartLettersAsync(http2: http2);
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(3);

        using var stream = await app.OpenAsync(Both, $"{a[1]},{b[1]}");
        await app.GetChannel("a").CompleteAsync();
        await app.GetChannel("b").CompleteAsync();

        await stream.ShouldEndWithAsync(
            Frame($"{a[2]},{b[1]}", "m2") + Frame($"{a[2]},{b[2]}", "m2") + Frame($"{a[2]},{b[3]}", "m3") + End($"{a[2]},{b[3]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OneAdded_TheNewOneBeginsAsAtAFirstVisit()
    {
        await using var app = await StartLettersAsync();
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(2);

        using var stream = await app.OpenAsync(Both, a[1]);

        await stream.ShouldBringAsync(Frame($"{a[2]},{b[2]}", "m2") + Position($"{a[2]},{b[2]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OneRemoved_TheOtherContinues()
    {
        await using var app = await StartLettersAsync();
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(2);

        using var stream = await app.OpenAsync("/b", $"{a[1]},{b[1]}");

        await stream.ShouldBringAsync(Frame(b[2], "m2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OneWasRestarted_ItsGapIsSentAndTheOtherResumes()
    {
        await using var app = await StartLettersAsync();
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(2);
        var old = b[1][..3] + "zzzzzz-7";

        using var stream = await app.OpenAsync(Both, $"{a[1]},{old}");

        // Until the gap is sent, a message of the other channel must not move the position behind it.
        await stream.ShouldBringAsync(
            Frame($"{a[2]},{b[0][..9]}-99999999999999", "m2") +
            $"id: {a[2]},{b[0]}\n"
                + Gap("b", "restarted", $"{a[1]},{old}", b[1], b[2], null)
                + Frame($"{a[2]},{b[1]}", "m1")
                + Frame($"{a[2]},{b[2]}", "m2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_CutBeforeTheGapOfTheSecondIsSent_ResumesAtIt()
    {
        await using var app = await StartLettersAsync(c => c.Capacity = 2);
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(5);
        using (var cut = await app.OpenAsync(Both, $"{a[1]},{b[1]}")) await cut.ShouldBringAsync(Frame($"{a[2]},{b[1]}", "m2"));

        using var stream = await app.OpenAsync(Both, $"{a[2]},{b[1]}");

        await stream.ShouldBringAsync(
            Position($"{a[2]},{b[1]}")
            + $"id: {a[2]},{b[3]}\n"
            + Gap("b", "evicted", $"{a[2]},{b[1]}", b[4], b[5], 2)
            + Frame($"{a[2]},{b[4]}", "m4"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_Malformed_EveryChannelTellsAGap()
    {
        await using var app = await StartLettersAsync();
        var a = await app.GetChannel("a").SayManyAsync(1);
        var b = await app.GetChannel("b").SayManyAsync(1);

        using var stream = await app.OpenAsync(Both, "rotten");

        await stream.ShouldBringAsync(
            $"id: {a[0]},{b[0][..9]}-99999999999999\n" + Gap(
                "a", "malformed", "rotten", a[1], a[1], null) + Frame($"{a[1]},{b[0][..9]}-99999999999999", "m1") +
            $"id: {a[1]},{b[0]}\n" + Gap("b", "malformed", "rotten", b[1], b[1], null) + Frame($"{a[1]},{b[1]}", "m1"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task Complete_OneOfTwo_TheOtherContinues(string completed, string living)
    {
        await using var app = await StartLettersAsync();
        foreach (var name in (string[])[completed, living]) await app.GetChannel(name).SayAsync("before");
        using var stream = await app.OpenAsync(Both);
        await stream.ReadPositionAsync();
        var both = await stream.ReadPositionAsync();

        await app.GetChannel(completed).CompleteAsync();
        for (var i = 2; i <= 4; i++)
        {
            // The end of the first must have reached the reader before the other speaks, at least in some rounds.
            await Task.Yield();
            var id = await app.GetChannel(living).SayAsync($"m{i}");
            both = both.Replace($"{id[..9]}-{i - 1}", id);
            await stream.ShouldBringAsync(Frame(both, $"m{i}"));
        }

        await app.GetChannel(living).CompleteAsync();
        await stream.ShouldEndWithAsync(End(both));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_OfOne_HoldsUpNeitherTheOtherNorTheGap()
    {
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartLettersAsync(b: c =>
        {
            c.Capacity = 1;
            c.OnGap = async (_, _) =>
            {
                reading.SetResult();
                await goOn.Task;
                return new([new() { Data = "state" }]);
            };
        });
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(3);

        using var stream = await app.OpenAsync(Both, $"{a[1]},{b[1]}");
        await reading.Task.OrFail();
        await stream.ShouldBringAsync(Frame($"{a[2]},{b[1]}", "m2"));
        goOn.SetResult();

        await stream.ShouldBringAsync(
            Gap("b", "evicted", $"{a[1]},{b[1]}", b[3], b[3], 1) + "data: state\n\n" + Position($"{a[2]},{b[3]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_OfOneRun_CutsTheConnectionAndLeavesNoSubscriberInTheOther()
    {
        var fail = new TaskCompletionSource();
        await using var app = await StartLettersAsync(b => b.InMemory = true);
        await app.Hub().Run("b", (_, _) => Failing()).StartAsync();
        using var stream = await app.OpenAsync(Both);
        await stream.ReadPositionAsync();

        fail.SetResult();

        var reading = stream.ReadToEndAsync();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await FluentActions.Awaiting(() => reading).Should().ThrowAsync<IOException>();
        await Soon.Until(() => app.GetChannel("a").SubscriberCount == 0);

        async IAsyncEnumerable<EventStreamMessage> Failing()
        {
            await fail.Task;
            if (fail.Task.IsCompleted) throw new InvalidTimeZoneException();
            yield break;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_AsManyAsFit_IdAndEndMarkFitToo()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("c{number}", c => c.CreateOnSubscribe = true));
        var names = Enumerable.Range(1, EventStreamSubscription.MaxChannels).Select(i => $"c{i}").ToArray();

        using var stream = await app.OpenAsync("/several?channel=" + string.Join("&channel=", names));
        foreach (var name in names)
        {
            (await stream.ReadPositionAsync()).Split(',').Should().HaveCount(names.Length);
        }

        foreach (var name in names) await app.GetChannel(name).CompleteAsync();
        var end = (await stream.ReadToEndAsync()).Split('\n')[0][4..];
        end.Should().EndWith(".end");
        end.Length.Should().BeLessThanOrEqualTo(128);
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_NamedTwice_CountOnce()
    {
        await using var app = await StartLettersAsync();

        using var stream = await app.OpenAsync("/several?channel=a&channel=a");

        await stream.ShouldBringAsync(Position($"{await app.GetChannel("a").GetNewestAsync()}"));
        app.GetChannel("a").SubscriberCount.Should().Be(1);
    }

    private Task<TestApp> StartLettersAsync(Action<EventStreamChannelOptions>? b = null, bool http2 = false) =>
        StartAsync(channels => channels.AddChannel("a").AddChannel("b", b), http2: http2);

    public sealed class InMemory() : SeveralChannelsTests(Kept.InMemory);

    public sealed class InALog() : SeveralChannelsTests(Kept.InALog);

    public sealed class BeyondMemory() : SeveralChannelsTests(Kept.BeyondMemory);
}
