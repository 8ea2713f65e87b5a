using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

public sealed class SilenceTests
{
    [Fact(Timeout = 30_000)]
    public async Task ExpectSilence_WithAClock_TimePassesOnItAndKeepAlivesMayCome()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())));
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });

        await stream.ExpectSilenceAsync(TimeSpan.FromHours(1));

        app.Time.Elapsed.Should().Be(TimeSpan.FromHours(1));
        stream.Body.Count(character => character == ':').Should().BeGreaterThan(240, "each quarter of a minute had its keep-alive");
    }

    [Fact(Timeout = 30_000)]
    public async Task ExpectSilence_KeepAliveOnTheWay_FailsAtItsMoment()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.Retry = null)));
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });

        var silence = () => stream.ExpectSilenceAsync(TimeSpan.FromHours(1), allowComments: false);

        (await silence.Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected silence of 3600 s, but a comment came: ''.\n");
        app.Time.Elapsed.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(15));
    }

    [Fact(Timeout = 30_000)]
    public async Task ExpectSilence_EventThatTheClockBrings_IsSeen()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", (TimeProvider time) => Results.EventStream(Later(time))), Hosted.Http1);
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });

        await stream.ExpectSilenceAsync(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        var silence = () => stream.ExpectSilenceAsync(TimeSpan.FromTicks(1));

        await silence.Should().ThrowAsync<EventStreamTestException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task ExpectSilence_WithoutAClock_TakesRealTime()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())));
        await using var stream = await app.Client.OpenEventStreamAsync("/");
        var started = TimeProvider.System.GetTimestamp();

        await stream.ExpectSilenceAsync(TimeSpan.FromMilliseconds(100));

        TimeProvider.System.GetElapsedTime(started)
            .Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(100), "it may be longer on a busy machine, and never shorter");
    }

    private static async IAsyncEnumerable<EventStreamMessage> Later(TimeProvider time)
    {
        await Task.Delay(TimeSpan.FromMinutes(1), time);
        yield return new() { Data = "at last" };
    }
}
