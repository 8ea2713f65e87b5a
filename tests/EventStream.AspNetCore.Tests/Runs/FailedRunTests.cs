using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>A run that has failed is logged once, however many readers it has.</summary>
public sealed class FailedRunTests
{
    private const int Readers = 20;
    private const int Messages = 100;

    private readonly DrivenSource _source = new();

    [Theory(Timeout = 60_000)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Readers_OfARunThatFails_GetEveryMessageAndACutAndOneErrorIsLogged(bool http2, bool isInALog)
    {
        await using var app = await StartAsync(http2, isInALog ? new SharedLog() : null);
        await app.Hub().Run("answer", (_, stop) => _source.Messages(stop)).StartAsync();
        var readers = new TestEventSource[Readers];
        for (var i = 0; i < Readers; i++) readers[i] = await app.ListenAsync("/answer");
        foreach (var reader in readers) await reader.NextPositionAsync();

        for (var i = 0; i < Messages; i++) _source.Send(new() { Data = new string('x', 1000) });
        _source.Throw(new InvalidTimeZoneException());

        foreach (var reader in readers)
        {
            (await reader.CollectAsync(Messages)).Should().OnlyContain(message => message.Data.Length == 1000);
            await reader.NextRetryAsync();
        }

        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        foreach (var reader in readers)
        {
            await reader.ExpectCutAsync();
            await reader.DisposeAsync();
        }

        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle()
            .Which.Should().Match<LogEntry>(entry => entry.Id == 12 && entry.Exception is InvalidTimeZoneException);
        app.Log.Entries.Count(entry => entry.Id == 60).Should().Be(Readers);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_RightAfterTheLastMessage_NoMessageIsLost(bool http2)
    {
        await using var app = await StartAsync(http2);
        for (var round = 0; round < 20; round++)
        {
            var source = new DrivenSource();
            await app.Hub().Run("answer", (_, stop) => source.Messages(stop)).StartAsync();
            await using var reader = await app.ListenAsync("/answer");
            await reader.NextPositionAsync();
            source.Send(new() { Data = "last" });
            source.Throw(new InvalidTimeZoneException());

            // The clock stands still, so that the cut does not come before the client has read.
            (await reader.NextAsync()).Data.Should().Be("last");
            await reader.NextRetryAsync();
            await app.AdvanceUntilAsync(reader.ExpectCutAsync(), TimeSpan.FromSeconds(1));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task PlainSource_ThrowsTheExceptionOfARun_IsAFaultThatTheServerLogs()
    {
        InvalidTimeZoneException exception = new();
        var failing = new TaskCompletionSource();
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("answer"), app => app.MapGet("/plain", () => Results.EventStream(ThenFail())));
        await using var stream = await app.ListenAsync("/plain");
        (await stream.NextAsync()).Data.Should().Be("one");
        await app.Hub().Run("answer", (_, stop) => _source.Messages(stop)).StartAsync();
        _source.Throw(exception);
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Id == 12));

        failing.SetException(exception);

        await app.AdvanceUntilAsync(stream.ExpectCutAsync(), TimeSpan.FromSeconds(1));
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any(entry => entry.Category.Contains("Kestrel")));
        app.Log.Entries.Should().NotContain(entry => entry.Id == 60);

        async IAsyncEnumerable<EventStreamMessage> ThenFail()
        {
            yield return new() { Data = "one" };
            await failing.Task;
        }
    }

    private static Task<TestApp> StartAsync(bool http2, SharedLog? log = null) =>
        ChannelApp.StartAsync(
            channels =>
            {
                channels.AddChannel("answer");
                if (log is not null) channels.AddLog(_ => log);
            },
            http2: http2);
}
