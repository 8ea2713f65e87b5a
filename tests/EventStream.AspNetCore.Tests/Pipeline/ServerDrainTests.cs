using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>While streams drain, the server answers requests, and no longer.</summary>
public sealed class ServerDrainTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly DrivenSource _source = new();

    [Fact(Timeout = 30_000)]
    public async Task Server_DuringTheWindow_AnswersRequestsAndRejectsNewStreamsSoftly()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var stream = (await app.OpenManyAsync("/asks", 1))[0];

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();

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
        await app.Time.AdvanceAsync(DrainApp.Window + Tick);
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_TheLastStreamHasLeft_IsNotDelayed()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var stream = (await app.OpenManyAsync("/driven", 1))[0];

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
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
        await using var app = await DrainApp.StartAsync(_source);
        var streams = await app.OpenManyAsync(path, 5);

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        streams.ForEach(stream => stream.Dispose());

        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByASignal_DrainsAsWell()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var running = app.App.WaitForShutdownAsync();
        var stream = (await app.OpenManyAsync("/asks", 1))[0];

        // What the host does at SIGTERM.
        app.App.Lifetime.StopApplication();
        await app.DrainHasBegunAsync();
        (await app.Client.GetStringAsync("/ordinary").OrFail()).Should().Be("served");
        await app.Time.AdvanceAsync(DrainApp.Window + Tick);

        await stream.ReadToEndAsync();
        await running.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ItsTokenIsCancelled_EndsEveryStreamAtOnce()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var asking = (await app.OpenManyAsync("/asks", 1))[0];
        var channel = (await app.OpenManyAsync("/channel", 1))[0];
        using var stop = new CancellationTokenSource();

        var stopping = app.App.StopAsync(stop.Token);
        await app.DrainHasBegunAsync();
        await stop.CancelAsync();

        // The clock stands still. The server has no time either, so it may cut a stream before its clean end.
        await EndAsync(asking);
        await EndAsync(channel);
        await Task.WhenAny(stopping).OrFail();

        static async Task EndAsync(StreamReading stream)
        {
            try
            {
                await stream.ReadToEndAsync().OrFail();
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_AStreamIsOpening_ItEndsWithTheDrain()
    {
        var inSource = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        await using var app = await DrainApp.StartAsync(_source, map: app => app.MapGet("/opening", () => Results.EventStream(_ =>
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
        await using var app = await DrainApp.StartAsync(
            _source, map: app => app.MapGet("/blocking", () => Results.EventStream(Blocking(release))));
        using var stream = await app.OpenAsync("/blocking");
        await stream.ReadRetryAsync();
        await stream.ReadAsync("data: before\n\n");

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            return app.Log.Entries.Any(entry => entry.Message.StartsWith("The streams have drained"));
        });

        app.Time.Elapsed.Should().BeLessThan(DrainApp.Window + TimeSpan.FromSeconds(5));
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

    private static async IAsyncEnumerable<EventStreamMessage> Blocking(ManualResetEventSlim release)
    {
        yield return new() { Data = "before" };
        await Task.Yield();
        release.Wait();
    }
}
