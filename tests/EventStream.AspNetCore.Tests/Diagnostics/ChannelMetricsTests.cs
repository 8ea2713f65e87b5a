using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Diagnostics;

/// <summary>What is measured of channels: each instrument, and each value of its tags.</summary>
public sealed class ChannelMetricsTests
{
    private const string ChannelTag = "event_stream.channel";
    private const string ReasonTag = "event_stream.gap.reason";

    [Fact(Timeout = 30_000)]
    public async Task Published_CountsByDefinition()
    {
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);

        await app.GetChannel("orders/1").SayManyAsync(2);
        await app.GetChannel("orders/2").SayManyAsync(1);
        await app.GetChannel("news").SayManyAsync(4);

        var published = metrics.Of("event_stream.channel.published").ToList();
        published.Where(measured => measured.Tags[ChannelTag] is "orders/{id}").Sum(measured => measured.Value).Should().Be(3);
        published.Where(measured => measured.Tags[ChannelTag] is "news").Sum(measured => measured.Value).Should().Be(4);
        published.Should().OnlyContain(measured => measured.Tags.Count == 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Replayed_CountsWhatWasPublishedBeforeTheReaderCame()
    {
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        var ids = await app.GetChannel("news").SayManyAsync(3);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await stream.ShouldBringAsync(ChannelApp.Frame(ids[2], "m2") + ChannelApp.Frame(ids[3], "m3"));
        var live = await app.GetChannel("news").SayAsync("live");
        await stream.ShouldBringAsync(ChannelApp.Frame(live, "live"));

        metrics.Sum("event_stream.channel.replayed").Should().Be(2);
        metrics.Of("event_stream.channel.replayed").Should().OnlyContain(measured => measured.Tags[ChannelTag]!.Equals("news"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("evicted", "{epoch}-1")]
    [InlineData("restarted", "{tag}zzzzzz-1")]
    [InlineData("unknown", "{other}zzzzzz-1")]
    [InlineData("future", "{epoch}-99")]
    [InlineData("malformed", "x")]
    public async Task Gaps_CountByReason(string reason, string requested)
    {
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        var ids = await app.GetChannel("news").SayManyAsync(20);
        var epoch = ids[1][..9];
        var other = (epoch[0] == '0' ? '1' : '0') + epoch[1..3];

        using var stream = await app.OpenAsync(
            "/news", requested.Replace("{epoch}", epoch).Replace("{tag}", epoch[..3]).Replace("{other}", other));
        await stream.ReadLineAsync();

        var gap = metrics.Of("event_stream.channel.gaps").Should().ContainSingle().Subject;
        gap.Value.Should().Be(1);
        gap.Tags[ChannelTag].Should().Be("news");
        gap.Tags[ReasonTag].Should().Be(reason);
    }

    [Fact(Timeout = 30_000)]
    public async Task Gaps_OfASlowReader_AreCountedAsSlow()
    {
        var filter = new BlockingFilter();
        await using var app = await StartAsync(
            app => app.MapEventStream("/blocked", _ => new EventStreamSubscription("news") { Filter = filter.Accepts }));
        using var metrics = new MetricRecorder(app.App.Services);
        using var stream = await app.OpenAsync("/blocked");
        await stream.ReadPositionAsync();
        await app.GetChannel("news").SayAsync("first");
        await filter.IsBlocking.OrFail();
        await app.GetChannel("news").SayManyAsync(50);

        filter.GoOn();

        await Soon.Until(() => metrics.Of("event_stream.channel.gaps").Any());
        metrics.Of("event_stream.channel.gaps").Should().ContainSingle().Which.Tags[ReasonTag].Should().Be("slow");
    }

    [Fact(Timeout = 60_000)]
    public async Task Snapshots_OvertakenTwiceThenCurrent_CountByOutcomeAndTheSubscriberOnceWithOneLine()
    {
        var asked = 0;
        TestApp? started = null;
        await using var app = started = await ChannelApp.StartAsync(channels => channels.AddChannel("news", c =>
        {
            c.Capacity = 8;
            c.OnGap = async (_, _) =>
            {
                if (++asked < 3) await started!.GetChannel("news").SayManyAsync(9);
                return new([new() { Data = $"state {asked}" }]);
            };
        }));
        using var metrics = new MetricRecorder(app.App.Services);
        var ids = await app.GetChannel("news").SayManyAsync(20);
        await using var stream = await app.ListenAsync("/news", ids[1]);

        await app.AdvanceUntilAsync(Soon.Until(() => stream.Body.Contains("state 3")), TimeSpan.FromSeconds(1));

        var outcomes = metrics.Of("event_stream.channel.snapshots").Select(measured => measured.Tags["event_stream.snapshot.outcome"]);
        outcomes.Should().Equal("overtaken", "overtaken", "current");
        metrics.Of("event_stream.channel.slow_subscribers").Should().ContainSingle().Which.Tags[ChannelTag].Should().Be("news");
        var lines = app.Log.Entries.Where(entry => entry.Id == 24 && entry.Category == "EventStream.AspNetCore");
        lines.Should().ContainSingle().Which.Message.Should().Contain("channel news");
    }

    [Fact(Timeout = 30_000)]
    public async Task Delivery_FromPublishToFlush_OfTheOldestMessageInTheFlush()
    {
        var filter = new BlockingFilter();
        await using var app = await StartAsync(
            app => app.MapEventStream("/blocked", _ => new EventStreamSubscription("news") { Filter = filter.Accepts }));
        using var metrics = new MetricRecorder(app.App.Services);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        using var stream = await app.OpenAsync("/blocked");
        await stream.ReadPositionAsync();
        await app.GetChannel("news").SayAsync("first");
        await filter.IsBlocking.OrFail();

        app.Time.Advance(TimeSpan.FromSeconds(2));
        filter.GoOn();

        await Soon.Until(() => metrics.Of("event_stream.channel.delivery.duration").Any());
        var delivery = metrics.Of("event_stream.channel.delivery.duration").First();
        delivery.Value.Should().BeApproximately(2, 0.001);
        delivery.Tags[ChannelTag].Should().Be("news");
    }

    [Fact(Timeout = 30_000)]
    public async Task Observed_SubscribersLogAndLag_SumsByDefinition()
    {
        var filter = new BlockingFilter();
        await using var app = await StartAsync(
            app => app.MapEventStream("/blocked", _ => new EventStreamSubscription("orders/1") { Filter = filter.Accepts }));
        using var metrics = new MetricRecorder(app.App.Services);
        await app.GetChannel("news").SayManyAsync(4);
        var one = await app.GetChannel("orders/1").SayManyAsync(2);
        await app.GetChannel("orders/2").SayManyAsync(3);
        using var first = await app.OpenAsync("/orders/2");
        using var second = await app.OpenAsync("/blocked", one[2]);
        await second.ReadPositionAsync();
        await app.GetChannel("orders/1").SayAsync("blocks");
        await filter.IsBlocking.OrFail();
        await app.GetChannel("orders/1").SayManyAsync(6);

        metrics.Observe();

        Of("event_stream.channel.subscribers", "orders/{id}").Should().Be(2);
        Of("event_stream.channel.subscribers", "news").Should().Be(0);
        Of("event_stream.channel.log.messages", "orders/{id}").Should().Be(12);
        Of("event_stream.channel.log.messages", "news").Should().Be(4);
        Of("event_stream.channel.log.size", "orders/{id}").Should().Be(app.GetChannel("orders/1").Bytes + app.GetChannel("orders/2").Bytes)
            .And.BePositive();
        Of("event_stream.channel.lag", "orders/{id}").Should().Be(app.GetChannel("orders/1").Lag).And.BeInRange(6, 7);
        Of("event_stream.channel.lag", "news").Should().Be(0);
        filter.GoOn();

        double Of(string instrument, string definition) =>
            metrics.Of(instrument).Single(measured => measured.Tags[ChannelTag]!.Equals(definition)).Value;
    }

    [Fact(Timeout = 30_000)]
    public async Task Messages_ABurstOfAChannel_EachCounts()
    {
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[2]);
        await stream.ShouldBringAsync(ChannelApp.Frame(ids[3], "m3") + ChannelApp.Frame(ids[4], "m4") + ChannelApp.Frame(ids[5], "m5"));

        metrics.Sum("event_stream.server.messages").Should().Be(3);
    }

    [Fact(Timeout = 30_000)]
    public async Task Instruments_OfChannels_AreTheDocumentedOnes()
    {
        await using var app = await StartAsync();
        var factory = app.App.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        List<string> instruments = [];
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name.StartsWith("event_stream.channel."))
            {
                instruments.Add($"{instrument.Name} {instrument.Unit}");
            }
        };
        listener.Start();

        instruments.Distinct().Should().BeEquivalentTo(
            "event_stream.channel.published {message}",
            "event_stream.channel.replayed {message}",
            "event_stream.channel.gaps {gap}",
            "event_stream.channel.untold_gaps {gap}",
            "event_stream.channel.snapshots {snapshot}",
            "event_stream.channel.slow_subscribers {subscriber}",
            "event_stream.channel.delivery.duration s",
            "event_stream.channel.subscribers {subscriber}",
            "event_stream.channel.log.messages {message}",
            "event_stream.channel.log.size By",
            "event_stream.channel.lag {message}",
            "event_stream.channel.runs {run}");
    }

    private static Task<TestApp> StartAsync(Action<WebApplication>? map = null) => ChannelApp.StartAsync(
        channels => channels
            .AddChannel("news", c => c.Capacity = 8)
            .AddChannel("orders/{id}"),
        map);
}
