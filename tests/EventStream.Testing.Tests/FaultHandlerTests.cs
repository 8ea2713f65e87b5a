using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using EventStream.Testing.Faults;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

/// <summary>Each fault, as a client feels it and as the server does.</summary>
public sealed class FaultHandlerTests
{
    private readonly DrivenSource _source = new();

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task CutAfter_SoManyBytes_ThenTheReaderIsCutAndTheServerSeesItLeave(Hosted hosted)
    {
        await using var app = await StartAsync(hosted);
        var faults = new FaultHandler().Plan(Fault.CutAfter(14));
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/");

        _source.Send(new() { Data = "1234" });
        _source.Send(new() { Data = "never" });

        (await stream.NextAsync()).Data.Should().Be("1234");
        await stream.ExpectCutAsync();
        stream.Body.Should().Be("data: 1234\n\nda");
        await _source.Cancelled.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task CutAfter_Zero_HeadersAlone()
    {
        await using var app = await StartAsync();
        using var client = app.CreateClient(new FaultHandler().Plan(Fault.CutAfter(0)));
        using var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        var reading = () => response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        await reading.Should().ThrowAsync<HttpRequestException>("that is what HttpClient makes of a body that breaks")
            .WithInnerException(typeof(HttpIOException));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task CutBetweenCrAndLf_LinesOfCrLf_TheCrIsTheLast(int chunk)
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.Text("data: a\rdata: b\ndata: c\r\ndata: d\r\n\r\n", "text/event-stream")));
        using var client = app.CreateClient(new FaultHandler().Plan(Fault.CutBetweenCrAndLf().And(Fault.ChunksOf(chunk))));
        await using var stream = await client.OpenEventStreamAsync("/");

        await stream.ExpectCutAsync();

        stream.Body.Should().Be("data: a\rdata: b\ndata: c\r");
    }

    [Fact(Timeout = 30_000)]
    public async Task CutBetweenCrAndLf_LinesOfLf_NoCut()
    {
        await using var app = await StartAsync();
        using var client = app.CreateClient(new FaultHandler().Plan(Fault.CutBetweenCrAndLf()));
        await using var stream = await client.OpenEventStreamAsync("/");

        _source.Send(new() { Data = "x" });
        _source.Finish();

        (await stream.CollectToEndAsync()).Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task ChunksOf_One_EveryReadIsAByte()
    {
        await using var app = await StartAsync();
        using var client = app.CreateClient(new FaultHandler { Otherwise = Fault.ChunksOf(1) });
        await using var body = await client.GetStreamAsync("/");
        _source.Send(new() { Data = "€" });
        _source.Finish();
        var buffer = new byte[100];
        var bytes = new List<byte>();

        while (await body.ReadAsync(buffer) is > 0 and var count)
        {
            count.Should().Be(1);
            bytes.Add(buffer[0]);
        }

        Encoding.UTF8.GetString([.. bytes]).Should().Be("data: €\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task StallAfter_ThenRelease_NothingIsLost()
    {
        await using var app = await StartAsync(Hosted.Http1);
        var faults = new FaultHandler().Plan(Fault.StallAfter(9));
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time });
        _source.Send(new() { Data = "1" });
        _source.Send(new() { Data = "2" });
        (await stream.NextAsync()).Data.Should().Be("1");

        await stream.ExpectSilenceAsync(TimeSpan.FromMinutes(10), allowComments: false);
        _source.Cancelled.IsCompleted.Should().BeFalse("the server feels nothing: the keep-alives are taken from it");
        faults.Connections.Single().Release();

        (await stream.NextAsync()).Data.Should().Be("2");
        await stream.NextCommentAsync();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task StopReading_ServerThatWrites_FeelsIt(Hosted hosted)
    {
        var ended = new TaskCompletionSource();
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Flood(ended))), hosted);
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/");
        await stream.NextAsync();

        faults.Connections.Single().StopReading();

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            return ended.Task.IsCompleted;
        });
    }

    [Fact(Timeout = 30_000)]
    public async Task StopReading_ThenRelease_Continues()
    {
        await using var app = await StartAsync();
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time });

        faults.Connections.Single().StopReading();
        _source.Send(new() { Data = "held" });
        await stream.ExpectSilenceAsync(TimeSpan.FromSeconds(1));
        faults.Connections.Single().Release();

        (await stream.NextAsync()).Data.Should().Be("held");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stall_OnDemand_HoldsWhatComesAfterIt()
    {
        await using var app = await StartAsync();
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time });

        faults.Connections.Single().Stall();
        _source.Send(new() { Data = "held" });
        _source.Finish();
        await stream.ExpectSilenceAsync(TimeSpan.FromSeconds(1));
        faults.Connections.Single().Release();

        (await stream.CollectToEndAsync()).Should().ContainSingle().Which.Data.Should().Be("held");
    }

    [Fact(Timeout = 30_000)]
    public async Task Cut_OnDemand_WhileTheReaderWaits()
    {
        await using var app = await StartAsync(Hosted.Http1);
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/");

        faults.Connections.Single().Cut();

        await stream.ExpectCutAsync();
        await _source.Cancelled.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task Cut_WhileNoClientReads_TheServerSeesItsClientLeave(Hosted hosted)
    {
        await using var app = await StartAsync(hosted);
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        using var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        faults.Connections.Single().Cut();

        await _source.Cancelled.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task Cut_OfAFlood_TheServerSeesItsClientLeave(Hosted hosted)
    {
        var ended = new TaskCompletionSource();
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Flood(ended))), hosted);
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        using var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        faults.Connections.Single().Cut();

        await ended.Task.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_WhileReadingIsStopped_TheServerSeesItsClientLeave()
    {
        await using var app = await StartAsync(Hosted.Http1);
        var faults = new FaultHandler();
        using var client = app.CreateClient(faults);
        var stream = await client.OpenEventStreamAsync("/");
        faults.Connections.Single().StopReading();
        _source.Send(new() { Data = "takes the read that is pending" });

        await stream.DisposeAsync();

        await _source.Cancelled.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_BodyThatIsOver_IsLetGo(bool isRead)
    {
        var gate = new FlowGate(Fault.None);
        var body = await OverAsync(gate, isRead);

        await Soon.Until(() =>
        {
            GC.Collect();
            return !body.IsAlive;
        });

        GC.KeepAlive(gate);
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_OnTheClock_TheServerIsAskedLater()
    {
        await using var app = await StartAsync();
        var faults = new FaultHandler(app.Time).Plan(Fault.Delay(TimeSpan.FromSeconds(5)));
        using var client = app.CreateClient(faults);

        var opening = client.OpenEventStreamAsync("/");
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(4.9));
        faults.Connections.Single().Status.Should().BeNull();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(0.1));

        await using var stream = await opening;
        faults.Connections.Single().Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_ForTheNextTwo_TheServerIsNotAsked()
    {
        var asked = 0;
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () =>
        {
            asked++;
            return Results.EventStream(_source.Messages());
        }));
        var faults = new FaultHandler().Plan(Fault.Answer(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)), connections: 2)
            .Plan(Fault.Answer(HttpStatusCode.NoContent));
        using var client = app.CreateClient(faults);

        for (var i = 0; i < 2; i++)
        {
            await using var refused = await client.OpenEventStreamAsync("/", new() { ExpectedStatus = HttpStatusCode.ServiceUnavailable });
            refused.Response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(7));
        }

        await using var finished = await client.OpenEventStreamAsync("/", new() { ExpectedStatus = HttpStatusCode.NoContent });
        asked.Should().Be(0);
        await using var stream = await client.OpenEventStreamAsync("/");
        asked.Should().Be(1);
        faults.Connections.Select(connection => (int?)connection.Status).Should().Equal(503, 503, 204, 200);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    public async Task Duplicate_OriginalIsCut_TheTwinStaysOpenWhileTheNextRuns(Hosted hosted)
    {
        var sources = new ConcurrentQueue<DrivenSource>();
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapPost("/", async context =>
            {
                var source = new DrivenSource();
                sources.Enqueue(source);
                source.Send(new() { Data = await new StreamReader(context.Request.Body).ReadToEndAsync() });
                await Results.EventStream(source.Messages()).ExecuteAsync(context);
            }),
            hosted);
        var faults = new FaultHandler().Plan(Fault.Duplicate());
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync(
            "/", new() { Method = HttpMethod.Post, Content = () => new StringContent("body"), LastEventId = "41" });
        (await stream.NextAsync()).Data.Should().Be("body");
        await Soon.Until(() => faults.Connections[1].Status is not null);

        faults.Connections[0].Cut();
        await stream.ExpectCutAsync();
        await stream.ReconnectAsync();

        (await stream.NextAsync()).Data.Should().Be("body");
        faults.Connections.Select(
            connection => (connection.Method.Method, connection.Url.AbsolutePath, connection.LastEventId, connection.IsDuplicate))
                .Should().Equal(
                ("POST", "/", "41", false), ("POST", "/", "41", true), ("POST", "/", "41", false));
        await sources.ElementAt(0).Cancelled.OrFail();
        sources.ElementAt(1).Cancelled.IsCompleted.Should().BeFalse();
        faults.Connections[1].Cut();
        await sources.ElementAt(1).Cancelled.OrFail();
        sources.ElementAt(2).Cancelled.IsCompleted.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Duplicate_TwinHasNoAnswer_TheReaderHasItsOwnAndCutEndsTheTwin()
    {
        var asked = 0;
        var (twinCame, twinLeft) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", async context =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                {
                    await Results.EventStream(_source.Messages()).ExecuteAsync(context);
                    return;
                }

                context.RequestAborted.Register(twinLeft.SetResult);
                twinCame.SetResult();
                await twinLeft.Task;
            }),
            Hosted.Http1);
        var faults = new FaultHandler().Plan(Fault.Duplicate());
        using var client = app.CreateClient(faults);

        await using var stream = await client.OpenEventStreamAsync("/");

        await twinCame.Task.OrFail();
        faults.Connections[1].Cut();
        await twinLeft.Task.OrFail();
        _source.Cancelled.IsCompleted.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Duplicate_TwinFails_TheReaderHasItsAnswer()
    {
        await using var app = await StartAsync();
        var faults = new FaultHandler().Plan(Fault.Duplicate());
        using var client = app.CreateClient(faults, new Failing(new InvalidTimeZoneException()));
        await using var stream = await client.OpenEventStreamAsync("/");

        _source.Send(new() { Data = "1" });

        (await stream.NextAsync()).Data.Should().Be("1");
        faults.Connections.Select(connection => (int?)connection.Status).Should().Equal(200, null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_OfTheHandler_EndsTwins()
    {
        var sources = new ConcurrentQueue<DrivenSource>();
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () =>
            {
                var source = new DrivenSource();
                sources.Enqueue(source);
                return Results.EventStream(source.Messages());
            }),
            Hosted.Http1);
        using (var client = app.CreateClient(new FaultHandler().Plan(Fault.Duplicate())))
        {
            await using (await client.OpenEventStreamAsync("/"))
            {
                await Soon.Until(() => sources.Count == 2);
            }

            await sources.ElementAt(0).Cancelled.OrFail();
            sources.ElementAt(1).Cancelled.IsCompleted.Should().BeFalse();
        }

        await sources.ElementAt(1).Cancelled.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Send_Synchronous_IsRefused()
    {
        await using var app = await StartAsync();
        using var client = app.CreateClient(new FaultHandler());

        client.Invoking(it => it.Send(new(HttpMethod.Get, "/"))).Should().Throw<NotSupportedException>().WithMessage("*Call SendAsync.");
    }

    /// <summary>A body whose reader has read it, or left it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> OverAsync(FlowGate gate, bool isRead)
    {
        var content = new StringContent("data: x\n\n");
        var body = new FaultBody(content, await content.ReadAsStreamAsync(), gate, TimeProvider.System);
        if (isRead) await body.CopyToAsync(Stream.Null);
        else await body.DisposeAsync();
        return new(body);
    }

    private static async IAsyncEnumerable<EventStreamMessage> Flood(TaskCompletionSource ended)
    {
        try
        {
            var text = new string('x', 64 * 1024);
            while (true)
            {
                yield return new() { Data = text };
                await Task.Yield();
            }
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    private Task<AppUnderTest> StartAsync(Hosted hosted = Hosted.InMemory) =>
        AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(_source.Messages(), o => o.Retry = null)), hosted);
}
