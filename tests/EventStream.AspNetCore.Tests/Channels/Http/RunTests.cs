using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Producers that are started by a request, and outlive it.</summary>
public sealed class RunTests
{
    private readonly DrivenSource _source = new();
    private int _started;

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_TwoRequests_StartItOnceAndBothReadItFromTheBeginning(bool http2)
    {
        await using var app = await StartAnswersAsync(http2: http2);
        await using var first = await app.ListenAsync("/answers/1");
        _source.Send(new() { Data = "Once" });
        var epoch = await FirstAsync(first, "Once");

        await using var second = await app.ListenAsync("/answers/1");
        _source.Send(new() { Data = "upon" });
        _source.Finish();

        TestEvent[] rest = [Event($"{epoch}-2", "upon"), EndEvent($"{epoch}-2")];
        (await first.CollectToEndAsync()).Should().Equal(rest);
        (await second.CollectToEndAsync()).Should().Equal(rest.Prepend(Event($"{epoch}-1", "Once")));
        _started.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ReaderLeavesAndReturns_ResumesInTheMiddleThenTheEndThen204()
    {
        await using var app = await StartAnswersAsync();
        string epoch;
        await using (var first = await app.ListenAsync("/answers/1"))
        {
            _source.Send(new() { Data = "Once" });
            epoch = await FirstAsync(first, "Once");
        }

        await Soon.Until(() => app.GetChannel("answers/1").SubscriberCount == 0);
        _source.Send(new() { Data = "upon" });
        await Soon.Until(() => app.GetChannel("answers/1").Count == 2);
        _source.Cancelled.IsCompleted.Should().BeFalse("the run goes on without its reader");

        await using var reloaded = await app.ListenAsync("/answers/1", $"{epoch}-1");
        (await reloaded.NextAsync()).Should().Be(Event($"{epoch}-2", "upon"));
        _source.Finish();
        (await reloaded.CollectToEndAsync()).Should().Equal(EndEvent($"{epoch}-2"));

        await reloaded.ReconnectAsync(HttpStatusCode.NoContent);
        _started.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_InAFunction_IsNotStartedForASubscriberAtTheEnd()
    {
        await using var app = await StartAnswersAsync(app => app.MapGet(
            "/deferred",
            (EventStreamHub hub) => Results.EventStream(() => hub.Run("answers/deferred", (_, stop) =>
            {
                _started++;
                return _source.Messages(stop);
            }))));

        await using var again = await app.ListenAsync("/deferred", "123456789-7.end", HttpStatusCode.NoContent);
        _started.Should().Be(0);

        await using var stream = await app.ListenAsync("/deferred");
        _source.Send(new() { Data = "Once" });
        await FirstAsync(stream, "Once");
        _started.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_OfObjects_MessagesAsMessagesTextAsTextAndTheRestAsJson()
    {
        await using var app = await StartAnswersAsync();

        EventStreamMessage[] list = [new() { Data = "b" }];
        object[] values = [new EventStreamMessage { Event = "e", Data = "a" }, list, "\"c\"", new { D = 4 }];

        var channel = (await app.Hub().Run("answers/objects", (_, _) => values.ToAsyncEnumerable()).StartAsync()).Channel;
        await Soon.Until(() => channel.IsCompleted);

        using var stream = await app.OpenAsync("/answers/objects");
        var (id, rest) = (
            channel.History.PositionAt(1), Enumerable.Range(2, 3).Select(sequence => $"{channel.History.PositionAt(sequence)}").ToArray());
        await stream.ShouldEndWithAsync(
            $"id: {id}\nevent: e\ndata: a\n\n"
            + Frame(rest[0], "b") + Frame(rest[1], "\"c\"") + Frame(rest[2], "{\"d\":4}") + End(rest[2]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_OfTheFrameworksItems_FailsWithWhatToYield()
    {
        await using var app = await StartAnswersAsync();

        await app.Hub().Run("answers/items", (_, _) => new[] { new SseItem<string>("a") }.ToAsyncEnumerable()).StartAsync();

        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle()
            .Which.Exception!.Message.Should().Contain("make an EventStreamMessage of it");
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_SilentForLongerThanTheIdleTimeout_IsNotIdle()
    {
        await using var app = await StartAnswersAsync();
        (await app.OpenAsync("/answers/1")).Dispose();
        await Soon.Until(() => _started == 1 && app.Hub().Channels.Single().SubscriberCount == 0);

        app.Time.Advance(TimeSpan.FromHours(2));
        await using var stream = await app.ListenAsync("/answers/1");
        _source.Send(new() { Data = "at last" });

        await FirstAsync(stream, "at last");
        _started.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_CompleteAndIdle_IsDroppedAndTheNextCallStartsAgain()
    {
        await using var app = await StartAnswersAsync();
        using (var stream = await app.OpenAsync("/answers/1"))
        {
            _source.Finish();
            await stream.ReadToEndAsync();
        }

        await Soon.Until(() => app.Hub().Channels.Single().SubscriberCount == 0);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        app.Hub().Channels.Should().BeEmpty();

        using var again = await app.OpenAsync("/answers/1");

        await again.ReadToEndAsync();
        _started.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_OfValues_IsJson()
    {
        await using var app = await StartAnswersAsync(
            app => app.MapGet("/numbers", (EventStreamHub hub) => Results.EventStream(hub.Run("answers/numbers", (_, _) => Numbers()))));

        await using var stream = await app.ListenAsync("/numbers");

        var epoch = await FirstAsync(stream, "1");
        (await stream.CollectToEndAsync()).Should().Equal(Event($"{epoch}-2", "2"), EndEvent($"{epoch}-2"));

        static async IAsyncEnumerable<int> Numbers()
        {
            yield return 1;
            await Task.Yield();
            yield return 2;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ServicesOfItsOwn_LiveAsLongAsTheRun()
    {
        var goOn = new TaskCompletionSource();
        Resource? resource = null;
        await using var app = await StartAnswersAsync(
            app => app.MapGet(
                "/scoped",
                (EventStreamHub hub, Resource ofRequest) => Results.EventStream(
                    hub.Run("answers/scoped", (services, _) => Use(services, ofRequest)))),
            services => services.AddScoped<Resource>());
        await using (var stream = await app.ListenAsync("/scoped")) await FirstAsync(stream, "other scope: True");
        await Soon.Until(() => app.GetChannel("answers/scoped").SubscriberCount == 0);

        resource!.IsDisposed.Should().BeFalse("the run goes on");
        goOn.SetResult();

        await Soon.Until(() => resource.IsDisposed);
        await Soon.Until(() => app.GetChannel("answers/scoped").IsCompleted);

        async IAsyncEnumerable<EventStreamMessage> Use(IServiceProvider services, Resource ofRequest)
        {
            resource = services.GetRequiredService<Resource>();
            yield return new() { Data = $"other scope: {resource != ofRequest}" };
            await goOn.Task;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_Throws_ReadersAreCutWithARetryOneErrorNamesItAndTheNextCallStartsAgain()
    {
        await using var app = await StartAnswersAsync();
        await using var stream = await app.ListenAsync("/answers/1");
        _source.Send(new() { Data = "Once" });
        await FirstAsync(stream, "Once");
        var failed = app.GetChannel("answers/1");

        _source.Throw(new InvalidTimeZoneException("in the run"));

        await stream.NextRetryAsync();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await stream.ExpectCutAsync();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle()
            .Which.Message.Should().Contain("answers/1");
        app.Hub().Channels.Should().NotContain(failed);
        using var again = await app.OpenAsync("/answers/1");
        await Soon.Until(() => _started == 2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_SourceFunctionThrows_IsAFailedRunAndNotAnErrorOfTheRequest()
    {
        await using var app = await StartAnswersAsync(app => app.MapGet("/broken", (EventStreamHub hub) =>
            Results.EventStream(
                hub.Run("answers/broken", IAsyncEnumerable<EventStreamMessage> (_, _) => throw new InvalidTimeZoneException()))));

        using var stream = await app.OpenAsync("/broken");

        var reading = stream.ReadToEndAsync();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await FluentActions.Awaiting(() => reading).Should().ThrowAsync<IOException>();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Category.Should().Be("EventStream.AspNetCore");
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_RunIsCancelledAndItsReadersComeBack()
    {
        await using var app = await StartAnswersAsync();
        using var stream = await app.OpenAsync("/answers/1");
        await stream.ReadPositionAsync();

        var stopping = app.App.StopAsync();

        (await stream.ReadRetryAsync()).Should().BePositive();
        await stream.ShouldEndWithAsync("");
        await _source.Cancelled.OrFail();
        await _source.Ended.OrFail();
        await stopping.OrFail();
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Join_BeginningIsEvicted_GetsTheGap()
    {
        await using var app = await StartAnswersAsync();
        using var first = await app.OpenAsync("/answers/1");
        await first.ReadPositionAsync();
        for (var i = 1; i <= 6; i++) _source.Send(new() { Data = $"m{i}" });
        await Soon.Until(() => app.GetChannel("answers/1").Newest?.Sequence == 6);
        var epoch = app.GetChannel("answers/1").Newest!.Value.ToString()[..9];

        using var late = await app.OpenAsync("/answers/1");
        _source.Finish();

        await late.ShouldEndWithAsync(
            $"id: {epoch}-2\n" + Gap("answers/1", "evicted", "", $"{epoch}-3", $"{epoch}-6", 2) +
            string.Concat(Enumerable.Range(3, 4).Select(i => Frame($"{epoch}-{i}", $"m{i}"))) + End($"{epoch}-6"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Join_AsksForTheLast_GetsNoGap()
    {
        await using var app = await StartAnswersAsync(
            app => app.MapEventStream(
                "/last/{id}",
                context => new EventStreamSubscription($"answers/{context.GetRouteValue("id")}") { Start = EventStreamStart.Last(1) }));
        using var first = await app.OpenAsync("/answers/1");
        for (var i = 1; i <= 6; i++) _source.Send(new() { Data = $"m{i}" });
        _source.Finish();
        await Soon.Until(() => app.GetChannel("answers/1").IsCompleted);
        var id = app.GetChannel("answers/1").Newest!.Value.ToString();

        using var late = await app.OpenAsync("/last/1");

        await late.ShouldEndWithAsync(Frame(id, "m6") + End(id));
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ContextOfTheRequest_DoesNotFlow()
    {
        string? seen = null;
        await using var app = await StartAnswersAsync(
            app => app.MapGet("/context", (EventStreamHub hub, IHttpContextAccessor accessor) =>
            {
                using var activity = new Activity("of the request").Start();
                return Results.EventStream(hub.Run("answers/context", (_, stop) => Look(accessor, stop)));
            }),
            services => services.AddHttpContextAccessor());

        using var stream = await app.OpenAsync("/context");
        await stream.ReadToEndAsync();

        seen.Should().Be("context: False, activity: False");

        async IAsyncEnumerable<EventStreamMessage> Look(
            IHttpContextAccessor accessor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            seen = $"context: {accessor.HttpContext is not null}, activity: {Activity.Current is not null}";
            yield break;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_CalledWhereNoContextFlows_Runs()
    {
        await using var app = await StartAnswersAsync();
        Task<EventStreamRun> starting;
        using (ExecutionContext.SuppressFlow()) starting = app.Hub().Run("answers/1", (_, stop) => _source.Messages(stop)).StartAsync();
        var run = await starting;

        _source.Finish();

        await Soon.Until(() => run.Channel.IsCompleted);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_UnknownChannel_IsRefused()
    {
        await using var app = await StartAnswersAsync();

        app.Hub().Invoking(hub => hub.Run("nothing", (_, stop) => _source.Messages(stop))).Should().Throw<ArgumentException>()
            .WithMessage("*AddChannel*");
    }

    /// <summary>Reads the first message, and returns the epoch.</summary>
    private static async Task<string> FirstAsync(TestEventSource stream, string data)
    {
        var first = await stream.NextAsync();
        first.Data.Should().Be(data);
        first.Id.Should().EndWith("-1");
        return first.Id![..9];
    }

    private Task<TestApp> StartAnswersAsync(
        Action<WebApplication>? map = null, Action<IServiceCollection>? services = null, bool http2 = false) => StartAsync(
        channels => channels.AddChannel("answers/{id}", c => c.Capacity = 4),
        app =>
        {
            map?.Invoke(app);
            app.MapGet("/answers/{id}", (string id, EventStreamHub hub) => Results.EventStream(hub.Run($"answers/{id}", (_, stop) =>
            {
                Interlocked.Increment(ref _started);
                return _source.Messages(stop);
            })));
        },
        services: services,
        http2: http2);

    private sealed class Resource : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
