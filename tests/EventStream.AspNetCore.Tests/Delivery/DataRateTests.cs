using System.Diagnostics;
using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Kestrel's <c>MinResponseDataRate</c> in real time, for a channel of many small messages.</summary>
/// <remarks>
/// Over direct output, they go past Kestrel's HTTP while few bytes wait. The clock of the streams stands still, so that none ends by its
/// own timeout.
/// </remarks>
public sealed class DataRateTests
{
    /// <summary>How many bytes a connection holds besides those of its socket.</summary>
    private const int Limit = 64 * 1024;

    /// <summary>More bytes than the connection and the readers of these tests take.</summary>
    private const int Messages = 1000;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.5);

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task SmallMessages_ReaderStops_IsCutSoonAfterTheGrace(Output output)
    {
        // What is counted is read in less than the grace at this rate.
        await using var app = await StartAsync(output, bytesPerSecond: 100_000);
        var channel = app.GetChannel("news");
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = await OpenAsync(connection);
        var started = Stopwatch.GetTimestamp();

        var publishing = PublishAsync(channel);
        await Soon.Until(() => channel.SubscriberCount == 0);

        // Kestrel adds up to two seconds, because it looks once in a second.
        Stopwatch.GetElapsedTime(started).Should().BeGreaterThan(Grace).And.BeLessThan(Grace + TimeSpan.FromSeconds(8));
        await Soon.Until(() => HasCut(app), "its log of the cut");
        await publishing.OrFail();
        (await reader.ReadToEndAsync()).Length.Should().BeLessThan(2 * Limit);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task SmallMessages_ReaderIsSlowAndAboveTheRate_IsNotCut(Output output)
    {
        // A flush waits for half of the limit, which takes this reader 4 s. Kestrel gives it 12 s, if it has counted three quarters.
        const int ReadPerSecond = 8000;
        await using var app = await StartAsync(output, bytesPerSecond: 4000);
        var channel = app.GetChannel("news");
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var (read, started) = (new StringBuilder(), Stopwatch.GetTimestamp());
        var reader = await OpenAsync(connection, before: async () =>
        {
            var ahead = TimeSpan.FromSeconds((double)read.Length / ReadPerSecond) - Stopwatch.GetElapsedTime(started);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead);
        });

        var publishing = PublishAsync(channel);
        while (read.Length < Limit) read.Append(Encoding.UTF8.GetString(await reader.ReadChunkAsync()));

        (await publishing).Should().StartWith(read.ToString());
        HasCut(app).Should().BeFalse();
        channel.SubscriberCount.Should().Be(1);
        channel.Lag.Should().BePositive("flushes have waited");
    }

    private static bool HasCut(TestApp app) => app.Log.Entries.Any(entry => entry.Id == 28 && entry.Category.Contains("Kestrel"));

    private static async Task<ResponseReader> OpenAsync(RawConnection connection, Func<Task>? before = null)
    {
        var reader = new ResponseReader(connection, before);
        await connection.SendAsync(Get("/news", "Accept: text/event-stream\r\n"));
        await reader.ReadStartAsync();
        return reader;
    }

    /// <summary>Publishes messages so slowly that each leaves alone, and returns their frames.</summary>
    private static async Task<string> PublishAsync(EventStreamChannel channel)
    {
        var frames = new StringBuilder();
        var text = new string('x', 250);
        for (var number = 0; number < Messages; number++)
        {
            frames.Append(ChannelApp.Frame(await channel.SayAsync(text), text));
            await Task.Delay(1);
        }

        return frames.ToString();
    }

    private static Task<TestApp> StartAsync(Output output, double bytesPerSecond) => TestApp.StartAsync(
        app => app.MapEventStream("/news", "news"),
        services => services.AddEventStreams(o => o.Retry = null).AddChannel("news", c => c.Capacity = 2 * Messages),
        server: server => server.Use(output).UseTinyBuffers(Limit).ConfigureKestrel(kestrel =>
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond, Grace)));
}
