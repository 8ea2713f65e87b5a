using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.TestHost;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A stream returns its permits in each way in which it can end, once.</summary>
public sealed class StreamPermitTests
{
    private readonly SourcePerRequest _sources = new();

    [Fact(Timeout = 30_000)]
    public async Task ClientLeaves_PermitsAreReturned()
    {
        await using var app = await StartAsync();
        var first = await app.AdmittedAsync(LimitedApp.Channel, LimitedApp.By("ann"));
        await app.RefusedBrowserAsync(LimitedApp.Channel, LimitedApp.By("ann"));

        first.Dispose();

        using var next = await app.AdmittedSoonAsync(LimitedApp.Channel, LimitedApp.By("ann"));
        app.Limits().Available.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceEnds_PermitsAreReturned()
    {
        await using var app = await StartAsync(_ => _sources.Open());
        using var first = await app.AdmittedAsync(LimitedApp.Source);
        (await _sources.NextAsync()).Finish();
        await first.ReadToEndAsync();

        using var next = await app.AdmittedSoonAsync(LimitedApp.Source);
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceThrows_AfterTheFirstByte_PermitsAreReturned()
    {
        await using var app = await StartAsync(_ => _sources.Open());
        using var first = await app.AdmittedAsync(LimitedApp.Source);
        (await _sources.NextAsync()).Throw(new InvalidTimeZoneException());

        using var next = await app.AdmittedSoonAsync(LimitedApp.Source);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("the function")]
    [InlineData("the first step")]
    [InlineData("the first await")]
    public async Task SourceThrows_BeforeTheFirstByte_PermitsAreReturned(string where)
    {
        await using var app = await StartAsync(_ => where switch
        {
            "the function" => throw new InvalidTimeZoneException(),
            "the first step" => ThrowAtOnce(),
            _ => ThrowLater(),
        });

        for (var i = 0; i < 5; i++)
        {
            using var failed = await app.Client.GetAsync(LimitedApp.Source, HttpCompletionOption.ResponseHeadersRead).OrFail();
            await Soon.Until(() => app.Limits().Available == 1);
        }

        using var next = await app.AdmittedAsync("/typed");
    }

    [Fact(Timeout = 30_000)]
    public async Task Lease_Throws_OtherPermitsAreReturnedAndNothingIsLeft()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            o.MaxStreams = 1;
            o.Limiter = new LeasingLimiter(() => new ThrowingLease());
        }, options: o => o.DrainTimeout = TimeSpan.FromSeconds(20));
        var first = await app.AdmittedAsync("/typed");

        first.Dispose();

        await Soon.Until(() => app.Limits().Available == 1);
        var host = StreamHost.Of(app.App.Services);
        await Soon.Until(() => host.Drain.Streams == 0);
        app.Log.Entries.Should().ContainSingle(entry => entry.Message.StartsWith("A lease of EventStreamLimitOptions.Limiter threw"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Lease_ThrowsAfterARefusal_ClientIsRefusedAndNoPermitIsLost()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            (o.MaxStreams, o.MaxSubscribersPerChannel) = (5, 1);
            o.Limiter = new LeasingLimiter(() => new ThrowingLease());
        });
        using var first = await app.AdmittedAsync("/deferred");

        await app.RefusedBrowserAsync("/deferred");

        app.Limits().Available.Should().Be(4);
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_StartsTheResponseItself_FailsAndNothingIsLeft()
    {
        var hasEnded = false;
        await using var app = await LimitedApp.StartAsync(
            o => o.MaxStreams = 1,
            options: o => o.DrainTimeout = TimeSpan.FromSeconds(20),
            map: map => map.MapGet(
                "/starts", (HttpContext context) => Results.EventStream(StartResponseAsync(context, () => hasEnded = true))));

        using var failed = await app.Client.GetAsync("/starts", HttpCompletionOption.ResponseHeadersRead);

        await Soon.Until(() => app.Limits().Available == 1);
        var host = StreamHost.Of(app.App.Services);
        await Soon.Until(() => host.Drain.Streams == 0);
        hasEnded.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Lifetime_Ends_PermitsAreReturned()
    {
        await using var app = await StartAsync(options: o => o.MaxLifetime = TimeSpan.FromMinutes(1));
        using var first = await app.AdmittedAsync(LimitedApp.Channel);

        await app.Time.AdvanceAsync(TimeSpan.FromMinutes(2));

        await first.ReadToEndAsync();
        await Soon.Until(() => app.Limits().Available == 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task User_IsDisconnected_PermitsAreReturned()
    {
        await using var app = await StartAsync();
        using var first = await app.AdmittedAsync(LimitedApp.Channel, LimitedApp.By("ann"));

        await app.App.Services.GetRequiredService<EventStreamHub>().DisconnectAsync("ann");

        await first.ReadToEndAsync();
        using var next = await app.AdmittedSoonAsync(LimitedApp.Channel, LimitedApp.By("ann"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Channel_IsComplete_PermitsAreReturnedAndTheReconnectGets204()
    {
        await using var app = await StartAsync();
        await using var first = await app.ListenAsync(LimitedApp.Channel);

        await app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("prices").CompleteAsync();
        var end = await first.NextAsync();
        await first.ExpectEndAsync();

        await Soon.Until(() => app.Limits().Available == 1);
        using var full = await app.AdmittedAsync("/typed");
        using var again = await app.OpenAsync(LimitedApp.Channel, end.LastEventId);
        again.Response.StatusCode.Should().Be(HttpStatusCode.NoContent, "a client that has read everything must stop, also on a full node");
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_PermitsAreReturned()
    {
        await using var app = await StartAsync();
        using var first = await app.AdmittedAsync(LimitedApp.Channel);
        var limits = app.Limits();

        await app.App.StopAsync();

        await first.ReadToEndAsync();
        await Soon.Until(() => limits.Available == 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_IgnoresItsToken_PermitsAreReturnedWhenItIsAbandoned()
    {
        TokenIgnoringSource source = new();
        await using var app = await StartAsync(_ => source.Messages());
        var first = await app.AdmittedAsync(LimitedApp.Source);

        first.Dispose();

        await app.AdvanceUntilAsync(Soon.Until(() => app.Limits().Available == 1), TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_OnAFullNode_GetsItsHeadersAndTakesNoPermit()
    {
        await using var app = await StartAsync();
        var first = await app.AdmittedAsync("/typed");

        using var head = await app.OpenAsync(LimitedApp.Channel, change: request => request.Method = HttpMethod.Head);
        first.Dispose();

        head.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        head.Header("Content-Type").Should().Be("text/event-stream");
        await Soon.Until(() => app.Limits().Available == 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Position_SentTwiceToAFullNode_Is400()
    {
        await using var app = await StartAsync(options: o => o.LastEventIdQueryParameter = "after");
        using var first = await app.AdmittedAsync("/typed");

        using var refused = await app.OpenAsync("/typed?after=1&after=2");

        refused.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact(Timeout = 60_000)]
    public async Task Streams_ManyOpenAndEndInAllWays_NoPermitIsLost()
    {
        const int limit = 20;
        await using var app = await LimitedApp.StartAsync(
            o =>
            {
                o.MaxStreams = limit;
                o.MaxStreamsPerAddress = limit;
                o.MaxSubscribersPerChannel = 5;
            },
            _ => ThrowLater());

        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 30 }, async (i, _) =>
        {
            var path = (i % 4) switch
            {
                0 => LimitedApp.Source,
                1 => LimitedApp.Channel,
                2 => LimitedApp.Several + "?channel=news&channel=prices",
                _ => "/typed",
            };
            using var stream = await app.AskAsync(path);
        });

        await Soon.Until(() => app.Limits().Available == limit);
        List<StreamReading> open = [];
        for (var i = 0; i < 5; i++) open.Add(await app.AdmittedSoonAsync(LimitedApp.Channel));
        await app.RefusedBrowserAsync(LimitedApp.Channel);
        open.ForEach(stream => stream.Dispose());
    }

    [Fact(Timeout = 30_000)]
    public async Task Address_OfATestServer_IsNoneAndIsNotLimited()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting().AddEventStreams()
            .AddChannel("news", c => c.InMemory = true)
            .AddLimits(o => o.MaxStreamsPerAddress = 1);
        await using var app = builder.Build();
        app.MapEventStream("/news", "news");
        await app.StartAsync();
        using var client = app.GetTestClient();

        using var first = await client.GetAsync("/news", HttpCompletionOption.ResponseHeadersRead).OrFail();
        using var second = await client.GetAsync("/news", HttpCompletionOption.ResponseHeadersRead).OrFail();

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        await Soon.Until(() => app.Services.GetRequiredService<EventStreamHub>().GetChannel("news").SubscriberCount == 2);
    }

    private static Task<TestApp> StartAsync(
        Func<string?, IAsyncEnumerable<EventStreamMessage>>? source = null, Action<EventStreamOptions>? options = null) =>
        LimitedApp.StartAsync(
            o =>
            {
                o.MaxStreams = 1;
                o.MaxStreamsPerUser = 1;
                o.MaxStreamsPerAddress = 1;
                o.MaxSubscribersPerChannel = 1;
            },
            source,
            options: options);

    private static async IAsyncEnumerable<EventStreamMessage> ThrowAtOnce()
    {
        ThrowIf(true);
        yield return new() { Data = "never" };
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<EventStreamMessage> ThrowLater([EnumeratorCancellation] CancellationToken stop = default)
    {
        await Task.Yield();
        ThrowIf(!stop.IsCancellationRequested);
        yield return new() { Data = "never" };
    }

    private static void ThrowIf(bool condition)
    {
        if (condition) throw new InvalidTimeZoneException();
    }

    private static async IAsyncEnumerable<EventStreamMessage> StartResponseAsync(HttpContext context, Action onEnd)
    {
        try
        {
            await context.Response.StartAsync();
            yield return new() { Data = "not sent" };
        }
        finally
        {
            onEnd();
        }
    }

    private sealed class ThrowingLease : RateLimitLease
    {
        public override bool IsAcquired => true;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new InvalidTimeZoneException();
        }
    }
}
