using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Positions that cannot be resumed: each gets a gap with its reason, and never a silent loss or a silent replay.</summary>
public abstract class GapTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Evicted_GapWithTheNumberLost_ThenTheRetainedMessages(bool http2)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 2), http2: http2);
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(
            $"id: {ids[3]}\n"
            + Gap("news", "evicted", ids[1], ids[4], ids[5], 2)
            + Frame(ids[4], "m4")
            + Frame(ids[5], "m5")
            + End(ids[5]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Evicted_NothingIsRetained_OldestIsNull()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.MaxAge = TimeSpan.FromSeconds(1)));
        var ids = await app.GetChannel("news").SayManyAsync(3);
        app.Time.Advance(TimeSpan.FromSeconds(5));

        using var stream = await app.OpenAsync("/news", ids[1]);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync($"id: {ids[3]}\n" + Gap("news", "evicted", ids[1], null, ids[3], 2) + End(ids[3]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Evicted_CutAfterTheGap_ResumesBehindIt()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 2));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        using (var cut = await app.OpenAsync("/news", ids[1]))
        {
            await cut.ShouldBringAsync($"id: {ids[3]}\n" + Gap("news", "evicted", ids[1], ids[4], ids[5], 2));
        }


        using var stream = await app.OpenAsync("/news", ids[3]);

        await stream.ShouldBringAsync(Frame(ids[4], "m4"));
    }

    public static TheoryData<string, string> Rotten => new()
    {
        { "future", "{epoch}-6" },
        { "future", "{epoch}-99999999999999" },
        { "restarted", "{tag}000000-1" },
        { "unknown", "{other}000000-1" },
        { "malformed", "5" },
        { "malformed", "-1" },
        { "malformed", "{epoch}--1" },
        { "malformed", "{epoch}-" },
        { "malformed", "{epoch}-1x" },
        { "malformed", "{epoch}-999999999999999" },
        { "malformed", "{epoch}-1,{epoch}-1,{epoch}-1,{epoch}-1,{epoch}-1,{epoch}-1" },
        { "malformed", "," },
        { "malformed", "{epoch}-1.0123456789012345678901" },
        { "malformed", "{EPOCH}-1" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Rotten))]
    public async Task Rotten_GapWithItsReason_ThenTheRetainedMessages(string reason, string requested)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 2));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        var epoch = ids[1][..9];
        var other = (epoch[0] == '0' ? '1' : '0') + epoch[1..3];
        requested = requested.Replace("{epoch}", epoch).Replace("{EPOCH}", epoch.ToUpperInvariant() + "U").Replace("{tag}", epoch[..3])
            .Replace("{other}", other);

        using var stream = await app.OpenAsync("/news", requested);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(
            $"id: {ids[3]}\n"
            + Gap("news", reason, requested, ids[4], ids[5], null)
            + Frame(ids[4], "m4")
            + Frame(ids[5], "m5")
            + End(ids[5]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Restarted_PositionFromBeforeTheRestart_NeverMistakenForOneOfNow()
    {
        string before;
        await using (var old = await StartAsync(channels => channels.AddChannel("news")))
        {
            before = (await old.GetChannel("news").SayManyAsync(3))[2];
        }

        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        var ids = await app.GetChannel("news").SayManyAsync(3);

        using var stream = await app.OpenAsync("/news", before);

        await stream.ShouldBringAsync($"id: {ids[0]}\n" + Gap("news", "restarted", before, ids[1], ids[3], null) + Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Unknown_PositionOfAnotherChannel_GetsAGap()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news").AddChannel("weather"));
        var news = await app.GetChannel("news").SayManyAsync(1);
        var weather = await app.GetChannel("weather").SayManyAsync(1);

        using var stream = await app.OpenAsync("/news", weather[1]);

        await stream.ShouldBringAsync(
            $"id: {news[0]}\n" + Gap("news", "unknown", weather[1], news[1], news[1], null) + Frame(news[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Malformed_HeaderOfAMegabyte_GetsAGapAndIsCutShort()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            services: services => services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(
                kestrel => (kestrel.Limits.MaxRequestBufferSize, kestrel.Limits.MaxRequestHeadersTotalSize) = (null, 2_000_000)));
        var ids = await app.GetChannel("news").SayManyAsync(1);

        using var stream = await app.OpenAsync("/news", new string('x', 1_000_000));

        await stream.ShouldBringAsync(
            $"id: {ids[0]}\n" + Gap("news", "malformed", new string('x', 128), ids[1], ids[1], null) + Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Malformed_HostileTextInTheQuery_IsEscapedAndForgesNothing()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"), options: o => o.LastEventIdQueryParameter = "at");
        var ids = await app.GetChannel("news").SayManyAsync(1);
        var hostile = "\"}\n\ndata: forged\r\0" + new string('y', 109) + "\U0001F600";
        hostile[..128].Should().EndWith("\uD83D", "the cut must fall into the pair");

        using var stream = await app.OpenAsync("/news?at=" + Uri.EscapeDataString(hostile));

        var shown = @"\u0022}\n\ndata: forged\r\u0000" + new string('y', 109) + @"\uFFFD";
        await stream.ShouldBringAsync($"id: {ids[0]}\n" + Gap("news", "malformed", shown, ids[1], ids[1], null) + Frame(ids[1], "m1"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slow_ReaderFallsOffTheLog_HasWhatWasWrittenThenTheGapThenTheRest(bool http2)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 8), http2: http2);
        var channel = app.GetChannel("news");
        var text = new string('x', 64_000);
        using var stream = await app.OpenAsync("/news");
        var before = await stream.ReadPositionAsync();

        await Soon.Until(
            () =>
            {
                channel.SayAsync(text).Wait();
                return channel.Lag > 100;
            },
            "the reader falls behind");
        before.Should().EndWith("-0");
        var epoch = channel.Newest!.Value.ToString()[..9];
        await channel.CompleteAsync();

        var sequence = 0L;
        var gaps = 0;
        while (true)
        {
            var id = (await stream.ReadLineAsync())[4..^1];
            if (id.EndsWith(".end")) break;
            var data = await stream.ReadLineAsync();
            if (data == "event: stream-gap\n")
            {
                gaps++;
                var goesOnAfter = long.Parse(id.AsSpan(10));
                var gap = System.Text.Json.Nodes.JsonNode.Parse((await stream.ReadLineAsync())[6..])!;
                gap["reason"]!.GetValue<string>().Should().Be("slow");
                gap["requested"]!.GetValue<string>().Should().Be($"{epoch}-{sequence}");
                gap["oldest"]!.GetValue<string>().Should().Be($"{epoch}-{goesOnAfter + 1}");
                gap["lost"]!.GetValue<long>().Should().Be(goesOnAfter - sequence).And.BePositive();
                sequence = goesOnAfter;
            }
            else
            {
                id.Should().Be($"{epoch}-{++sequence}");
                data.Length.Should().Be(text.Length + 7);
            }

            (await stream.ReadLineAsync()).Should().Be("\n");
        }

        gaps.Should().BePositive();
        sequence.Should().Be(channel.Newest!.Value.Sequence);
    }

    public sealed class InMemory() : GapTests(Kept.InMemory);

    public sealed class InALog() : GapTests(Kept.InALog);

    public sealed class BeyondMemory() : GapTests(Kept.BeyondMemory);
}
