using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>No stream keeps a thread: neither an idle one, nor one whose source never waits.</summary>
[Collection(nameof(FewThreads))]
public sealed class StarvationTests
{
    private const int Streams = 1000;

    // Several times as many as there are threads.
    private const int RestlessStreams = 16;

    [Fact(Timeout = 60_000)]
    public async Task Idle_ThousandStreamsOnFourThreads_OrdinaryRequestAnswersAndEachKeepAliveArrives()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/stream", () => Results.EventStream(Silent.Forever(), o => o.Retry = null));
            app.MapGet("/page", () => "ordinary");
        });
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => app.OpenAsync("/stream"))).OrFail();

        (await app.Client.GetStringAsync("/page").OrFail()).Should().Be("ordinary");

        var keepAlives = Task.WhenAll(streams.Select(stream => stream.ReadLineAsync()));
        await app.AdvanceUntilAsync(keepAlives, TimeSpan.FromSeconds(1));
        (await keepAlives).Should().OnlyContain(line => line == ":\n");
        (await app.Client.GetStringAsync("/page").OrFail()).Should().Be("ordinary");
        foreach (var stream in streams) stream.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_EmptyMessages_OrdinaryRequestAnswersAndStreamsEndWhenTheirClientsLeave()
    {
        using var source = new Restless(new());
        await using var app = await StartAsync(app => app.MapGet("/{id:int}", () => Results.EventStream(source.Messages())));
        var streams = await OpenAllAsync(app);

        await ShouldAnswerAsync(app);

        foreach (var stream in streams) stream.Dispose();
        await Soon.Until(() => source.Ended == RestlessStreams);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_EmptyMessages_StreamsEndWhenTheHostStops()
    {
        using var source = new Restless(new());
        await using var app = await StartAsync(app => app.MapGet("/{id:int}", () => Results.EventStream(source.Messages())));
        await OpenAllAsync(app);

        await app.App.StopAsync().OrFail();

        source.Ended.Should().Be(RestlessStreams);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_FilterThatRejectsEverythingOfABusyChannel_OrdinaryRequestAnswersAndStreamsEndWhenTheirClientsLeave()
    {
        await using var app = await StartAsync(app =>
            app.MapEventStream("/{id:int}", context => new($"busy/{context.GetRouteValue("id")}") { Filter = _ => Publish(context) }));
        var streams = await OpenAllAsync(app);
        for (var i = 0; i < RestlessStreams; i++) await app.Hub().PublishAsync($"busy/{i}", "first");

        await ShouldAnswerAsync(app);

        foreach (var stream in streams) stream.Dispose();
        await Soon.Until(() => app.Hub().Channels.All(channel => channel.SubscriberCount == 0));

        // There is always one more to look at.
        bool Publish(HttpContext context)
        {
            var hub = context.RequestServices.GetRequiredService<EventStreamHub>();
            return !hub.PublishAsync($"busy/{context.GetRouteValue("id")}", "again").IsCompleted;
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_BodyThatTakesEverythingAtOnce_OrdinaryRequestAnswers()
    {
        using var source = new Restless(new() { Data = "again" });
        await using var app = await StartAsync(app => app.MapGet("/{id:int}", (HttpContext context) =>
        {
            context.Response.Body = Stream.Null;
            return Results.EventStream(source.Messages());
        }));
        var streams = Enumerable.Range(0, RestlessStreams).Select(i => app.Client.GetAsync($"/{i}")).ToArray();
        await Soon.Until(() => source.Begun == RestlessStreams);

        await ShouldAnswerAsync(app);

        await app.App.StopAsync().OrFail();
        source.Ended.Should().Be(RestlessStreams);
        await Task.WhenAll(streams).OrFail();
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_Runs_OrdinaryRequestAnswersAndRunsEndWhenTheHostStops()
    {
        using var source = new Restless(new() { Data = "again" });
        await using var app = await StartAsync(_ => { });
        for (var i = 0; i < RestlessStreams; i++) await app.Hub().Run($"busy/{i}", (_, _) => source.Messages()).StartAsync();
        await Soon.Until(() => source.Begun == RestlessStreams);

        await ShouldAnswerAsync(app);

        await app.App.StopAsync().OrFail();
        await Soon.Until(() => source.Ended == RestlessStreams);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restless_ArrayOfMessagesWithoutData_OrdinaryRequestAnswersAndSourcesEndWhenTheirClientsLeave()
    {
        using var source = new Restless(new());
        await using var app = await StartAsync(app => app.MapGet("/{id:int}", () => source.Messages()).WithEventStreamNegotiation());
        using var leaving = new CancellationTokenSource();
        var arrays = Enumerable.Range(0, RestlessStreams).Select(i => app.Client.GetAsync($"/{i}", leaving.Token)).ToArray();
        await Soon.Until(() => source.Begun == RestlessStreams);

        await ShouldAnswerAsync(app);

        await leaving.CancelAsync();
        await Soon.Until(() => source.Ended == RestlessStreams);
        foreach (var array in arrays) await array.ContinueWith(static array => array.Exception, TaskScheduler.Default);
    }

    private static async Task ShouldAnswerAsync(TestApp app) =>
        (await app.Client.GetStringAsync("/page").OrFail("an ordinary answer")).Should().Be("ordinary");

    private static Task<StreamReading[]> OpenAllAsync(TestApp app) =>
        Task.WhenAll(Enumerable.Range(0, RestlessStreams).Select(i => app.OpenAsync($"/{i}"))).OrFail();

    private static Task<TestApp> StartAsync(Action<WebApplication> map) => TestApp.StartAsync(
        app =>
        {
            map(app);
            app.MapGet("/page", () => "ordinary");
        },
        services => services.AddEventStreams().AddChannel("busy/{id}", c => (c.Capacity, c.CreateOnSubscribe) = (100_000, true)));
}
