using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Diagnostics;

public sealed class MetricsTests
{
    private const string Active = "event_stream.server.active_streams";
    private const string Duration = "event_stream.server.stream.duration";

    private static readonly string[] Instruments =
    [
        Active,
        Duration,
        "event_stream.server.time_to_first_byte",
        "event_stream.server.messages",
        "event_stream.server.sent",
    ];

    [Fact(Timeout = 30_000)]
    public async Task Stream_OpensAndFinishes_EveryInstrumentReportsIt()
    {
        await using var app = await StartAsync(_ => Numbered.Messages(0, 3));
        using var metrics = new MetricRecorder(app.App.Services);

        using var stream = await app.OpenAsync("/streams/1");
        var messages = await stream.ReadMessagesToEndAsync();

        await Soon.Until(() => metrics.Of(Duration).Any());
        metrics.Of(Active).Select(measured => measured.Value).Should().Equal(1, -1);
        metrics.Sum("event_stream.server.messages").Should().Be(3);
        metrics.Sum("event_stream.server.sent").Should().Be(messages.Length);
        metrics.Of("event_stream.server.time_to_first_byte").Should().ContainSingle();
        metrics.Of(Duration).Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/streams/1", "/streams/{id}")]
    [InlineData("/group/2", "/group/{id}")]
    [InlineData("/", "/")]
    public async Task Route_OfAnEndpoint_IsOnEveryMeasurement(string path, string route)
    {
        await using var app = await StartAsync(_ => Numbered.Messages(0, 1));
        using var metrics = new MetricRecorder(app.App.Services);

        using var stream = await app.OpenAsync(path);
        await stream.ReadToEndAsync();

        await Soon.Until(() => metrics.Of(Duration).Any());
        foreach (var instrument in Instruments)
        {
            metrics.Of(instrument).Should().NotBeEmpty(instrument);
            metrics.Of(instrument).Should().OnlyContain(measured => route.Equals(measured.Tags["http.route"]), instrument);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Route_OfNoEndpoint_IsOnNoMeasurement()
    {
        await using var app = await TestApp.StartAsync(
            app => app.Run(context => Results.EventStream(Numbered.Messages(0, 1)).ExecuteAsync(context)));
        using var metrics = new MetricRecorder(app.App.Services);

        using var stream = await app.OpenAsync("/anything");
        await stream.ReadToEndAsync();

        await Soon.Until(() => metrics.Of(Duration).Any());
        foreach (var instrument in Instruments)
        {
            metrics.Of(instrument).Should().NotBeEmpty(instrument);
            metrics.Of(instrument).Should().OnlyContain(measured => !measured.Tags.ContainsKey("http.route"), instrument);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Duration_IsThatOfTheStream()
    {
        var source = new DrivenSource();
        await using var app = await StartAsync(_ => source.Messages());
        using var metrics = new MetricRecorder(app.App.Services);
        using var stream = await app.OpenAsync("/streams/1");
        await stream.ReadRetryAsync();

        app.Time.Advance(TimeSpan.FromHours(2));
        source.Finish();

        await Soon.Until(() => metrics.Of(Duration).Any());
        metrics.Of(Duration).Single().Value.Should().BeApproximately(7200, 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task EndReason_SourceEnds_Finished() =>
        await EndsAsync("finished", _ => Numbered.Messages(0, 1), (_, stream) => stream.ReadToEndAsync());

    [Fact(Timeout = 30_000)]
    public async Task EndReason_ClientCloses_ClientLeft() =>
        await EndsAsync("client_left", _ => Silent.Forever(), (_, stream) =>
        {
            stream.Dispose();
            return Task.CompletedTask;
        });

    [Fact(Timeout = 30_000)]
    public async Task EndReason_HostStops_HostStopped() =>
        await EndsAsync("host_stopped", _ => Silent.Forever(), (app, _) => app.App.StopAsync());

    [Fact(Timeout = 30_000)]
    public async Task EndReason_LifetimeEnds_LifetimeReached() =>
        await EndsAsync("lifetime_reached", _ => Silent.Forever(), (app, _) =>
        {
            app.Time.Advance(TimeSpan.FromDays(1.05));
            return Task.CompletedTask;
        });

    [Fact(Timeout = 30_000)]
    public async Task EndReason_ReaderStopsReading_ReaderStalled()
    {
        await using var app = await StartAsync(_ => Flood());
        using var metrics = new MetricRecorder(app.App.Services);
        using var stream = await app.OpenAsync("/streams/1");

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            return metrics.Of(Duration).Any();
        });

        metrics.Of(Duration).Single().Tags["event_stream.end_reason"].Should().Be("reader_stalled");

        static async IAsyncEnumerable<EventStreamMessage> Flood()
        {
            await foreach (var message in Numbered.Messages(0, 1_000)) yield return message with { Data = new byte[1_000_000] };
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task EndReason_SourceThrows_Faulted()
    {
        var source = new DrivenSource();
        await EndsAsync("faulted", _ => source.Messages(), (_, _) =>
        {
            source.Throw(new InvalidTimeZoneException());
            return Task.CompletedTask;
        });
    }

    [Fact(Timeout = 30_000)]
    public async Task Listener_AttachesMidStream_ActiveStreamsNeverGoBelowZero()
    {
        var source = new DrivenSource();
        await using var app = await StartAsync(_ => source.Messages());
        using var stream = await app.OpenAsync("/streams/1");
        await stream.ReadRetryAsync();
        using var metrics = new MetricRecorder(app.App.Services);

        source.Finish();

        await Soon.Until(() => metrics.Of(Duration).Any());
        metrics.Of(Active).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Instruments_OfTheMeter_AreTheDocumentedOnes()
    {
        await using var app = await StartAsync(_ => Numbered.Messages(0, 0));
        using var stream = await app.OpenAsync("/streams/1");
        var factory = app.App.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        List<string> instruments = [];
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != "EventStream.AspNetCore" || !ReferenceEquals(instrument.Meter.Scope, factory)) return;
            lock (instruments) instruments.Add($"{instrument.Name} {instrument.Unit}");
        };
        listener.Start();

        instruments.Distinct().Should().BeEquivalentTo(
            "event_stream.server.active_streams {stream}",
            "event_stream.server.stream.duration s",
            "event_stream.server.time_to_first_byte s",
            "event_stream.server.messages {message}",
            "event_stream.server.sent By",
            "event_stream.server.refused_streams {stream}",
            "event_stream.server.reauthorizations {check}");
    }

    private static async Task EndsAsync(
        string reason, Func<string?, IAsyncEnumerable<EventStreamMessage>> source, Func<TestApp, StreamReading, Task> end)
    {
        await using var app = await StartAsync(source);
        using var metrics = new MetricRecorder(app.App.Services);
        using var stream = await app.OpenAsync("/streams/1");
        await stream.ReadRetryAsync();

        await end(app, stream);

        await Soon.Until(() => metrics.Of(Duration).Any());
        metrics.Of(Duration).Single().Tags["event_stream.end_reason"].Should().Be(reason);
        metrics.Sum(Active).Should().Be(0);
    }

    private static Task<TestApp> StartAsync(Func<string?, IAsyncEnumerable<EventStreamMessage>> source) => TestApp.StartAsync(app =>
    {
        app.MapGet("/streams/{id}", (string id) => Results.EventStream(source, o =>
        {
            o.MaxLifetime = TimeSpan.FromDays(1);
            if (id == "1") o.KeepAliveInterval = null;
        }));
        app.MapGroup("/group").MapGet("/{id}", () => Results.EventStream(source));
        app.MapGet("", () => Results.EventStream(source));
    });
}
