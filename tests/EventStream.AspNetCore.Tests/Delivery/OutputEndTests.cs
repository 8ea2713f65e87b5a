using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>How connections end: by the client, by the app, and with the host. No memory stays in use.</summary>
public sealed class OutputEndTests
{
    private static readonly byte[] Large = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 700_000).Select(n => $"{n} ")));

    private readonly CountedPools _pools = new();
    private readonly SourcePerRequest _sources = new();

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task Client_ResetsInTheMiddleOfAChunk_StreamsEndAndTheServerGoesOn(Output output)
    {
        await using (var app = await StartAsync(output, isTiny: true))
        {
            var channel = app.GetChannel("news");
            for (var round = 0; round < 5; round++)
            {
                var plain = await OpenAsync(app, "/source");
                var source = await _sources.NextAsync();
                var subscriber = await OpenAsync(app, "/news");
                await Soon.Until(() => channel.SubscriberCount == 1);
                source.Send(new() { Data = new string('x', 100_000) });
                await channel.SayAsync(new('x', 100_000));

                plain.Reset();
                subscriber.Reset();

                await source.Ended.OrFail();
                await Soon.Until(() => channel.SubscriberCount == 0);
            }

            (await app.Client.GetByteArrayAsync("/large").OrFail()).AsSpan().SequenceEqual(Large).Should().BeTrue();
            app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
        }

        await _pools.ShouldBeWholeAsync();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task App_AbortsAfterAMessage_BodyIsIncompleteAndTheConnectionEnds(Output output)
    {
        await using (var app = await StartAsync(output))
        {
            using var connection = await OpenAsync(app, "/source");
            var reader = new ResponseReader(connection);
            (await reader.ReadHeadAsync()).Should().Contain("Transfer-Encoding: chunked\r\n");
            var source = await _sources.NextAsync();
            source.Send(new() { Data = "sent" });
            Encoding.ASCII.GetString(await reader.ReadChunkAsync()).Should().Be("data: sent\n\n");

            await app.Client.GetStringAsync("/abort").OrFail();

            (await reader.ReadToEndAsync()).Should().BeEmpty("the last chunk must not come");
            await source.Ended.OrFail();
        }

        await _pools.ShouldBeWholeAsync();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Source_ThrowsAfterMessages_TheyArriveAndTheBodyIsIncomplete(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await OpenAsync(app, "/source");
        var reader = new ResponseReader(connection);
        await reader.ReadHeadAsync();
        var source = await _sources.NextAsync();
        for (var number = 0; number < 3; number++) source.Send(new() { Data = $"{number}" });
        source.Throw(new InvalidTimeZoneException());

        var rest = reader.ReadToEndAsync();
        await app.AdvanceUntilAsync(rest, TimeSpan.FromSeconds(1));

        var text = Encoding.ASCII.GetString(await rest);
        text.Should().Contain("data: 0\n\n").And.Contain("data: 1\n\n").And.Contain("data: 2\n\n");
        text.Should().NotEndWith("0\r\n\r\n");
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task HostStops_StreamsAreOpenAndAResponseIsHalfRead_AllArrivesAndThenTheClose(Output output)
    {
        await using (var app = await StartAsync(output))
        {
            using var plain = await OpenAsync(app, "/source");
            using var subscriber = await OpenAsync(app, "/news");
            using var slow = await OpenAsync(app, "/large", receiveBuffer: 4096);
            var reader = new ResponseReader(slow);
            (await reader.ReadHeadAsync()).Should().StartWith("HTTP/1.1 200 OK\r\n");
            (await reader.ReadAsync(1000)).Should().Equal(Large[..1000]);
            await Soon.Until(() => app.GetChannel("news").SubscriberCount == 1);

            var stopping = app.App.StopAsync();

            foreach (var stream in (RawConnection[])[plain, subscriber])
            {
                var body = await new ResponseReader(stream).ReadTextAsync();
                body.Should().MatchRegex(@"retry: \d+\n\z", "it ends cleanly, with the time until the reconnect");
            }

            stopping.IsCompleted.Should().BeFalse("a response is not finished");
            (await reader.ReadToEndAsync()).AsSpan().SequenceEqual(Large.AsSpan(1000)).Should().BeTrue();
            await stopping.OrFail();
        }

        await _pools.ShouldBeWholeAsync();
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task HostStops_ClientReadsNothingUntilItsTimeIsOver_ConnectionIsAborted(Output output)
    {
        await using (var app = await StartAsync(output, isTiny: true))
        {
            using var slow = await OpenAsync(app, "/large", receiveBuffer: 4096);
            var reader = new ResponseReader(slow);
            await reader.ReadHeadAsync();
            using var stop = new CancellationTokenSource();

            var stopping = app.App.StopAsync(stop.Token);
            await Soon.Until(() => app.App.Lifetime.ApplicationStopping.IsCancellationRequested);
            await stop.CancelAsync();

            await Task.WhenAny(stopping).OrFail();
            (await reader.ReadToEndAsync()).Length.Should().BeLessThan(Large.Length);
        }

        await _pools.ShouldBeWholeAsync();
    }

    private static async Task<RawConnection> OpenAsync(TestApp app, string path, int? receiveBuffer = null)
    {
        var connection = await app.ConnectAsync(receiveBuffer);
        await connection.SendAsync(Get(path, "Accept: text/event-stream\r\n"));
        return connection;
    }

    private Task<TestApp> StartAsync(Output output, bool isTiny = false)
    {
        var toAbort = new List<HttpContext>();
        return TestApp.StartAsync(
            app =>
            {
                app.MapGet("/source", (HttpContext context) =>
                {
                    toAbort.Add(context);
                    return Results.EventStream(_sources.Open(), o => o.Retry = null);
                });
                app.MapGet("/abort", () =>
                {
                    toAbort.ForEach(context => context.Abort());
                    return "done";
                });
                app.MapGet("/large", async (HttpResponse response) =>
                {
                    response.ContentLength = Large.Length;
                    await response.Body.WriteAsync(Large);
                });
                app.MapEventStream("/news", "news");
            },
            services =>
            {
                _pools.AddTo(services);
                services.AddEventStreams(o => o.Retry = null).AddChannel("news");
            },
            server: server =>
            {
                server.Use(output);
                if (isTiny) server.UseTinyBuffers();
            });
    }
}
