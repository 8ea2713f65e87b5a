using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What readers that do not read cost while a large message is on its way to them, and what is left of it.</summary>
[Collection(nameof(Alone))]
public sealed class LargeMessageTests
{
    private const int Readers = 25;
    private const int Size = 8_000_000;

    /// <summary>A connection's own buffers (64 KB), and twice as much again.</summary>
    private const long MostAReader = 200_000;

    // Made in the constructor, and so before any memory is measured.
    private readonly string _text = new('x', Size);
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(new string('x', Size));

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory(Timeout = 120_000)]
    [InlineData("/text")]
    [InlineData("/bytes")]
    [InlineData("/news")]
    [InlineData("/several?channel=news&channel=other")]
    [InlineData("/state")]
    [InlineData("/pages")]
    public async Task StalledReaders_OneLargeMessage_EachCostsAFlush(string path)
    {
        await using var app = await StartAsync(hasLog: path == "/pages");
        using var metrics = new MetricRecorder(app.App.Services);
        string? lastEventId = null;
        if (path is "/state" or "/pages") lastEventId = (await app.GetChannel(path[1..]).SayManyAsync(10))[1];
        if (path == "/pages") await app.GetChannel("pages").SayAsync(_text);
        if (path == "/pages") await app.GetChannel("pages").SayManyAsync(10);
        var before = Memory();
        List<Socket> readers = [];
        for (var i = 0; i < Readers; i++)
        {
            readers.Add(await new RawSubscriber(app.Address, path) { LastEventId = lastEventId }.OpenAsync(receiveBuffer: 1024));
        }

        if (path.Contains("news", StringComparison.Ordinal))
        {
            await Soon.Until(() => app.GetChannel("news").SubscriberCount == Readers);
            await app.GetChannel("news").SayAsync(_text);
        }

        _go.SetResult();
        await Soon.Until(() => metrics.Sum("event_stream.server.sent") > (double)Readers * Size, "all readers are inside the message");

        // Of a channel the message itself is there once: in the ring, or in a page of the log.
        var isInRing = path.Contains("news", StringComparison.Ordinal);
        (Memory() - before - (isInRing || path == "/pages" ? Size : 0)).Should().BeLessThan(Readers * MostAReader);

        await app.AdvanceUntilAsync(Soon.Until(() => app.Log.Entries.Count(entry => entry.Id == 7) == Readers), TimeSpan.FromSeconds(5));
        (Memory() - before - (isInRing ? Size : 0)).Should().BeLessThan(Readers * MostAReader, "a page is dropped when it is old");
        readers.ForEach(socket => socket.Dispose());
    }

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LargeMessages_AreDelivered_NothingLargeIsKept(bool asJson)
    {
        await using var app = await StartAsync(hasLog: false);
        using var stream = await app.OpenAsync("/news");
        await stream.ReadPositionAsync();
        var channel = app.GetChannel("news");
        string[] rows = [.. Enumerable.Repeat(new string('r', 1000), Size / 1000)];
        var before = Memory();

        for (var i = 0; i < 3; i++)
        {
            var position = asJson ? await channel.PublishAsync(rows) : await channel.PublishAsync(_text);
            await stream.SkipAsync($"id: {position}\ndata: ".Length + (asJson ? (Size / 1000 * 1003) + 1 : Size) + 2);
        }

        (Memory() - before - channel.Bytes).Should().BeLessThan(Size / 2);
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private async Task<TestApp> StartAsync(bool hasLog) => await ChannelApp.StartAsync(
        channels =>
        {
            channels
                .AddChannel("news", o => o.MaxBytes = 100_000_000)
                .AddChannel("other")
                .AddChannel("state", o => (o.Capacity, o.OnGap) = (2, async (_, _) => new([new() { Data = _text }])))
                .AddChannel("pages", o => (o.Capacity, o.MaxBytes) = (2, 100_000_000));
            if (hasLog) channels.AddLog(_ => new SharedLog());
        },
        app =>
        {
            app.UseRouting();
            app.MapGet("/text", () => Results.EventStream(Messages(_text)));
            app.MapGet("/bytes", () => Results.EventStream(Messages(_utf8)));
        },
        services: services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information)));

    private async IAsyncEnumerable<EventStreamMessage> Messages(
        EventStreamData data, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await _go.Task;
        yield return new() { Data = data };
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
