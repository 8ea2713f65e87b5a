using System.Net;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>With a <c>DrainTimeout</c>, the streams of a stopping host end one after the other, and the server serves meanwhile.</summary>
public sealed class DrainTests
{
    private const int Many = 100;
    private const int Tenths = 10;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly EventStreamMessage End = new() { Event = "end", Data = "end" };

    private readonly DrivenSource _source = new();
    private Action<EventStreamOptions>? _options;
    private bool _addsStreams = true;

    [Theory(Timeout = 60_000)]
    [InlineData("/silent")]
    [InlineData("/channel")]
    [InlineData("/deferred")]
    public async Task Streams_OfEveryKind_EndSpreadOverTheWindowEachWithItsOwnRetry(string path)
    {
        _options = o => o.DrainRetry = TimeSpan.FromSeconds(100);
        await using var app = await StartAsync();
        var streams = await OpenAsync(app, path, Many);
        var ends = streams.ConvertAll(stream => stream.ReadToEndAsync());

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        List<int> ended = [];
        for (var tenth = 0; tenth < Tenths; tenth++)
        {
            await app.Time.AdvanceAsync(Window / Tenths);
            ended.Add(ends.Count(end => end.IsCompleted));
        }

        await app.Time.AdvanceAsync(Tick);
        var farewells = await Task.WhenAll(ends).OrFail();

        // Of a hundred at random, a tenth of the window has ten; 35 or none in two neighbours are as good as impossible.
        ended[0].Should().BeLessThan(35, "they do not end at once");
        ended[4].Should().BeInRange(25, 75, "half of the window ends about half of them");
        ended.Zip(ended.Skip(1), (before, after) => after - before).Should().OnlyContain(count => count < 35);
        var retries = farewells.Select(farewell => int.Parse(farewell[(farewell.LastIndexOf("retry: ") + 7)..])).ToList();
        retries.Should().OnlyContain(retry => retry >= 100_000 && retry <= 150_000);
        retries.Distinct().Should().HaveCountGreaterThan(Many / 2, "each has its own");
        await stopping.OrFail();
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Server_DuringTheWindow_AnswersRequestsAndRejectsNewStreamsSoftly()
    {
        await using var app = await StartAsync();
        var stream = (await OpenAsync(app, "/asks", 1))[0];

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);

        // A new connection for each, so that the listener must still be there.
        using var fresh = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        (await fresh.GetStringAsync(new Uri(app.Address, "/ordinary")).OrFail()).Should().Be("served");
        foreach (var path in (string[])["/silent", "/channel"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Address, path));
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var rejection = await fresh.SendAsync(request).OrFail();
            rejection.StatusCode.Should().Be(HttpStatusCode.OK);
            (await rejection.Content.ReadAsStringAsync()).Should().MatchRegex(@"^retry: \d+\n$");
        }

        stopping.IsCompleted.Should().BeFalse();
        await app.Time.AdvanceAsync(Window + Tick);
        await stopping.OrFail();
        await FluentActions.Awaiting(() => fresh.GetAsync(new Uri(app.Address, "/ordinary"))).Should().ThrowAsync<HttpRequestException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Source_ThatAskedForTheSignal_MayGoOnToTheEndOfTheWindow(bool addsStreams)
    {
        _addsStreams = addsStreams;
        await using var app = await StartAsync();
        var streams = await OpenAsync(app, "/asks", 10);
        var ends = streams.ConvertAll(stream => stream.ReadToEndAsync());

        var stopping = app.App.StopAsync();
        if (addsStreams) await HasBegunAsync(app);
        await app.Time.AdvanceAsync(Window - Tick);
        ends.Should().OnlyContain(end => !end.IsCompleted);

        await app.Time.AdvanceAsync(2 * Tick);
        await Task.WhenAll(ends).OrFail();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_TheLastStreamHasLeft_IsNotDelayed()
    {
        await using var app = await StartAsync();
        var stream = (await OpenAsync(app, "/driven", 1))[0];

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        _source.Send(new() { Data = "late" });
        (await stream.ReadAsync("data: late\n\n")).Should().Be("data: late\n\n", "messages are delivered during the drain");
        _source.Finish();

        // The clock stands still.
        (await stream.ReadToEndAsync()).Should().Be("id: .end\nevent: end\ndata: end\n\n", "it is a finished stream, without a retry");
        await stopping.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/channel")]
    [InlineData("/silent")]
    public async Task Stop_ClientsLeave_IsNotDelayed(string path)
    {
        await using var app = await StartAsync();
        var streams = await OpenAsync(app, path, 5);

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        streams.ForEach(stream => stream.Dispose());

        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Channel_CompletesDuringTheWindow_ItsStreamsEndAsFinished()
    {
        await using var app = await StartAsync();
        var stream = (await OpenAsync(app, "/channel", 1))[0];
        var channel = app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("news");

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        await channel.PublishAsync("late");
        await channel.CompleteAsync();

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"data: late\n\nid: \S+\.end\nevent: stream-end\ndata: end\n\n\z");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_DuringTheWindow_GoesOnAndItsSubscribersGetTheRest()
    {
        await using var app = await StartAsync();
        var stream = (await OpenAsync(app, "/run", 1))[0];

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        _source.Send(new() { Data = "the rest" });
        _source.Finish();

        (await stream.ReadToEndAsync()).Should().Contain("data: the rest").And.Contain("stream-end");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Reader_InTheProcess_ReadsToTheEndOfTheWindow()
    {
        await using var app = await StartAsync();
        await OpenAsync(app, "/asks", 1);
        var channel = app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("news");
        await using var entries = channel.ReadAsync().GetAsyncEnumerator();
        var first = entries.MoveNextAsync().AsTask();

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        await channel.PublishAsync("late");
        (await first.OrFail()).Should().BeTrue();
        var second = entries.MoveNextAsync().AsTask();
        await app.Time.AdvanceAsync(Window + Tick);

        (await second.OrFail()).Should().BeFalse();
        await stopping.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/silent")]
    [InlineData("/channel")]
    public async Task Window_OfZero_EndsStreamsAtOnce(string path)
    {
        await using var app = await StartAsync(TimeSpan.Zero);
        var streams = await OpenAsync(app, path, 5);

        var stopping = app.App.StopAsync();

        foreach (var stream in streams) await stream.ReadToEndAsync();
        await stopping.OrFail();
        app.Log.Entries.Should().NotContain(entry => entry.Message.StartsWith("The host stops"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Window_OfOneEndpoint_HoldsForItsStreamsAlone()
    {
        await using var app = await StartAsync(TimeSpan.Zero);
        var patient = (await OpenAsync(app, "/patient", 1))[0].ReadToEndAsync();
        var silent = (await OpenAsync(app, "/silent", 1))[0];

        var stopping = app.App.StopAsync();
        await silent.ReadToEndAsync();

        patient.IsCompleted.Should().BeFalse();
        stopping.IsCompleted.Should().BeFalse();
        await app.Time.AdvanceAsync(Window + Tick);
        await patient.OrFail();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByASignal_DrainsAsWell()
    {
        await using var app = await StartAsync();
        var running = app.App.WaitForShutdownAsync();
        var stream = (await OpenAsync(app, "/asks", 1))[0];

        // What the host does at SIGTERM.
        app.App.Lifetime.StopApplication();
        await HasBegunAsync(app);
        (await app.Client.GetStringAsync("/ordinary").OrFail()).Should().Be("served");
        await app.Time.AdvanceAsync(Window + Tick);

        await stream.ReadToEndAsync();
        await running.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ItsTokenIsCancelled_EndsEveryStreamAtOnce()
    {
        await using var app = await StartAsync();
        var asking = (await OpenAsync(app, "/asks", 1))[0];
        var channel = (await OpenAsync(app, "/channel", 1))[0];
        using var stop = new CancellationTokenSource();

        var stopping = app.App.StopAsync(stop.Token);
        await HasBegunAsync(app);
        await stop.CancelAsync();

        // The clock stands still.
        (await asking.ReadToEndAsync()).Should().Contain("retry: ");
        (await channel.ReadToEndAsync()).Should().Contain("retry: ");
        await Task.WhenAny(stopping).OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_AStreamIsOpening_ItEndsWithTheDrain()
    {
        var inSource = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        await using var app = await StartAsync(map: app => app.MapGet("/opening", () => Results.EventStream(_ =>
        {
            inSource.SetResult();
            goOn.Wait();
            return Silent.Forever();
        })));
        var opening = app.OpenAsync("/opening");
        await inSource.Task.OrFail();

        // No stream is counted yet, so the drain is over at once.
        var stopping = app.App.StopAsync();
        await Soon.Until(() => app.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        goOn.Set();

        // The clock need not move by more than a tick.
        using var stream = await opening.OrFail();
        await app.Time.AdvanceAsync(2 * Tick);
        await stream.ReadToEndAsync();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_BlocksItsThread_TheServerStopsWithTheWindow()
    {
        using var release = new ManualResetEventSlim();
        await using var app = await StartAsync(map: app => app.MapGet("/blocking", () => Results.EventStream(Blocking(release))));
        using var stream = await app.OpenAsync("/blocking");
        await stream.ReadRetryAsync();
        await stream.ReadAsync("data: before\n\n");

        var stopping = app.App.StopAsync();
        await HasBegunAsync(app);
        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            return app.Log.Entries.Any(entry => entry.Message.StartsWith("The streams have drained"));
        });

        app.Time.Elapsed.Should().BeLessThan(Window + TimeSpan.FromSeconds(5));
        release.Set();
        await app.AdvanceUntilAsync(stopping, Tick);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(19.9, true)]
    [InlineData(20, false)]
    public async Task Window_MustBeShorterThanTheHostsShutdownTimeout(double seconds, bool isGood)
    {
        var starting = async () =>
        {
            await using var app = await TestApp.StartAsync(_ => { }, services =>
            {
                services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
                services.AddEventStreams(o => o.DrainTimeout = TimeSpan.FromSeconds(seconds));
            });
        };

        if (isGood) await starting.Should().NotThrowAsync();
        else (await starting.Should().ThrowAsync<Exception>()).WithMessage("*HostOptions.ShutdownTimeout*");
    }

    private Task<TestApp> StartAsync(TimeSpan? window = null, Action<WebApplication>? map = null) => TestApp.StartAsync(
        app =>
        {
            app.MapGet("/ordinary", () => "served");
            app.MapGet("/silent", () => Results.EventStream(Silent.Forever(), Configure));
            app.MapGet("/patient", () => Results.EventStream(Silent.Forever(), o => o.DrainTimeout = Window));
            app.MapGet("/driven", () => Results.EventStream(_source.Messages(), o => o.EndOfStream = End));
            app.MapGet("/asks", (HttpContext context) => Results.EventStream(Asking(context), Configure));
            map?.Invoke(app);
            if (!_addsStreams) return;
            app.MapEventStream("/channel", "news");
            app.MapGet("/deferred", (EventStreamHub hub) => Results.EventStream(() => hub.GetChannel("news")));
            app.MapGet("/run", (EventStreamHub hub) => Results.EventStream(() => hub.Run("run", (_, stop) => _source.Messages(stop))));

            void Configure(EventStreamOptions options) => options.DrainTimeout = window ?? Window;
        },
        services =>
        {
            if (!_addsStreams) return;
            services.AddEventStreams(o =>
            {
                o.DrainTimeout = window ?? Window;
                _options?.Invoke(o);
            }).AddChannel("news").AddChannel("run");
        });

    private static async Task<List<StreamReading>> OpenAsync(TestApp app, string path, int count)
    {
        var streams = (await Task.WhenAll(Enumerable.Range(0, count).Select(_ => app.OpenAsync(path)))).ToList();
        foreach (var stream in streams) await stream.ReadRetryAsync();
        return streams;
    }

    /// <summary>The host waits for the streams; before, a clock that moves would find no drain.</summary>
    private static Task HasBegunAsync(TestApp app) =>
        Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.StartsWith("The host stops")), "the drain");

    private static async IAsyncEnumerable<EventStreamMessage> Asking(
        HttpContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _ = context.Features.Get<IEventStreamFeature>()!.Draining;
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<EventStreamMessage> Blocking(ManualResetEventSlim release)
    {
        yield return new() { Data = "before" };
        await Task.Yield();
        release.Wait();
    }
}
