using System.Net;
using System.Threading.RateLimiting;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Each limit refuses each kind of stream, and nothing else.</summary>
public sealed class StreamLimitTests
{
    private static readonly Dictionary<string, (Action<EventStreamLimitOptions> Set, HttpStatusCode Status, string Reason)> Limits = new()
    {
        ["total"] = (o => o.MaxStreams = 1, HttpStatusCode.ServiceUnavailable, "This server has as many streams open as it may have."),
        ["user"] = (
            o => o.MaxStreamsPerUser = 1,
            HttpStatusCode.TooManyRequests,
            "The user of this request has as many streams open as a user may have."),
        ["address"] = (
            o => o.MaxStreamsPerAddress = 1,
            HttpStatusCode.TooManyRequests,
            "The address of this request has as many streams open as an address may have."),
        ["channel"] = (
            o => o.MaxSubscribersPerChannel = 1,
            HttpStatusCode.ServiceUnavailable,
            "A channel of this request has as many subscribers as it may have."),
        ["app"] = (o => o.Limiter = OneStream(), HttpStatusCode.TooManyRequests, "The app's limiter refused the stream."),
    };

    public static TheoryData<string, string> LimitsAndStreams
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var limit in Limits.Keys)
            {
                if (limit != "channel") foreach (var path in LimitedApp.Plain) rows.Add(limit, path);
                foreach (var path in LimitedApp.Channels) rows.Add(limit, path);
            }

            return rows;
        }
    }

    public static TheoryData<string> Streams => [.. LimitedApp.Plain, .. LimitedApp.Channels];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(LimitsAndStreams))]
    public async Task Limit_IsReached_BrowserGetsARetryAndOthersAStatus(string limit, string path)
    {
        var (set, status, reason) = Limits[limit];
        await using var app = await LimitedApp.StartAsync(set);
        using var first = await app.AdmittedAsync(path, LimitedApp.By("ann"));

        var retry = await app.RefusedBrowserAsync(path, LimitedApp.By("ann"));
        using var other = await app.AskAsync(path, LimitedApp.By("ann"));

        retry.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(16));
        other.Response.StatusCode.Should().Be(status);
        other.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(5, 16);
        (await other.ReadToEndAsync()).Should().Be(reason);
        using var ordinary = await app.Client.GetAsync("/ordinary").OrFail();
        ordinary.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Streams))]
    public async Task Rate_IsReached_Refuses(string path)
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxOpensPerSecond = 1);
        using var first = await app.AdmittedAsync(path);

        // The limiter's clock is the real one: a slow machine may have a new token for the second stream.
        var refused = 0;
        for (var i = 0; i < 20; i++)
        {
            using var other = await app.AskAsync(path);
            if (other.Response.StatusCode != HttpStatusCode.TooManyRequests) continue;
            (await other.ReadToEndAsync()).Should().Be("Too many streams open at the same time.");
            other.Response.Headers.RetryAfter.Should().NotBeNull();
            refused++;
        }

        refused.Should().BePositive();
    }

    [Fact(Timeout = 30_000)]
    public async Task Rate_AsManyAsOfASecond_MayOpenAtOnce()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxOpensPerSecond = 15);

        for (var i = 0; i < 15; i++) (await app.AdmittedAsync("/typed")).Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task Limit_IsReached_OpenStreamsStay()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreams = 1);
        await using var first = await app.ListenAsync(LimitedApp.Channel);

        await app.RefusedBrowserAsync(LimitedApp.Channel);
        await app.App.Services.GetRequiredService<IEventStreamPublisher>().PublishAsync("prices", "still here");

        (await first.NextAsync()).Data.Should().Be("still here");
    }

    [Fact(Timeout = 30_000)]
    public async Task User_OfEach_HasALimitOfItsOwnAndAnonymousRequestsHaveNone()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreamsPerUser = 1);
        using var ann = await app.AdmittedAsync("/typed", LimitedApp.By("ann"));
        using var bob = await app.AdmittedAsync(LimitedApp.Channel, LimitedApp.By("bob"));
        using var anonymous = await app.AdmittedAsync("/typed");
        using var another = await app.AdmittedAsync("/typed");

        await app.RefusedBrowserAsync(LimitedApp.Channel, LimitedApp.By("ann"));
        await app.RefusedBrowserAsync("/typed", request => request.Headers.Add("X-Sub", "bob"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Address_ForwardedHeadersAreTrusted_IsThatOfTheClient()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreamsPerAddress = 1, trustsForwardedHeaders: true);
        using var first = await app.AdmittedAsync("/typed", LimitedApp.From("203.0.113.1"));
        using var other = await app.AdmittedAsync("/typed", LimitedApp.From("203.0.113.2"));

        await app.RefusedBrowserAsync("/typed", LimitedApp.From("203.0.113.1"));
        await app.RefusedBrowserAsync("/typed", LimitedApp.From("::ffff:203.0.113.2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Address_ForwardedHeadersAreNotTrusted_IsThatOfTheConnection()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreamsPerAddress = 1);
        using var first = await app.AdmittedAsync("/typed", LimitedApp.From("203.0.113.1"));

        await app.RefusedBrowserAsync("/typed", LimitedApp.From("203.0.113.2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Address_OfOneIPv6Network_CountsAsOne()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreamsPerAddress = 1, trustsForwardedHeaders: true);
        using var first = await app.AdmittedAsync("/typed", LimitedApp.From("2001:db8:1:2::1"));
        using var neighbour = await app.AdmittedAsync("/typed", LimitedApp.From("2001:db8:1:3::1"));

        await app.RefusedBrowserAsync("/typed", LimitedApp.From("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_OneIsFull_StreamGetsAPermitOfNone()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxSubscribersPerChannel = 1);
        using var first = await app.AdmittedAsync(LimitedApp.Channel);

        await app.RefusedBrowserAsync(LimitedApp.Several + "?channel=news&channel=prices");

        using var news = await app.AdmittedAsync(LimitedApp.Several + "?channel=news");
    }

    [Fact(Timeout = 30_000)]
    public async Task Limits_OneOfSeveralIsReached_StreamGetsAPermitOfNone()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            o.MaxStreams = 2;
            o.MaxStreamsPerUser = 1;
            o.MaxSubscribersPerChannel = 1;
        });
        using var ann = await app.AdmittedAsync(LimitedApp.Channel, LimitedApp.By("ann"));

        for (var i = 0; i < 3; i++) await app.RefusedBrowserAsync(LimitedApp.Channel, LimitedApp.By("bob"));

        app.Limits().Available.Should().Be(1);
        using var bob = await app.AdmittedAsync("/typed", LimitedApp.By("bob"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Limiter_NamesARetryAfter_IsTheWait()
    {
        await using var app = await LimitedApp.StartAsync(o => o.Limiter = PartitionedRateLimiter.Create<HttpContext, string>(
            _ => RateLimitPartition.GetFixedWindowLimiter("", _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) })));
        using var first = await app.AdmittedAsync("/typed");

        var retry = await app.RefusedBrowserAsync("/typed");

        retry.Should().BeGreaterThan(TimeSpan.FromMinutes(55)).And.BeLessThan(TimeSpan.FromMinutes(91));
    }

    [Fact(Timeout = 30_000)]
    public async Task Limiter_NamesNoTimeAsRetryAfter_WaitIsASecond()
    {
        await using var app = await LimitedApp.StartAsync(o => o.Limiter = new LeasingLimiter(() => new RefusalWithoutWait()));

        (await app.RefusedBrowserAsync("/typed")).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Refused_Post_GetsTheStatus()
    {
        await using var app = await LimitedApp.StartAsync(
            o => o.MaxStreams = 1, map: map => map.MapPost("/posted", () => Results.EventStream(Silent.Forever())));
        using var first = await app.AdmittedAsync("/typed");

        using var refused = await app.OpenAsync("/posted", change: request => request.Method = HttpMethod.Post);

        refused.Response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, "a clean end would be the whole answer");
    }

    [Fact(Timeout = 30_000)]
    public async Task User_OfTheSubscription_IsTheUserOfTheLimit()
    {
        await using var app = await LimitedApp.StartAsync(
            o => o.MaxStreamsPerUser = 1,
            map: map => map.MapEventStream("/of/{user}", context => new EventStreamSubscription("prices")
            {
                User = (string)context.GetRouteValue("user")!,
            }));
        using var first = await app.AdmittedAsync("/of/ann");

        await app.RefusedBrowserAsync("/of/ann");
        using var other = await app.AdmittedAsync("/of/bob");
    }

    [Fact(Timeout = 30_000)]
    public async Task Limiter_Throws_IsAnErrorOfTheRequestAndNoPermitIsLost()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            o.MaxStreams = 1;
            o.Limiter = PartitionedRateLimiter.Create<HttpContext, string>(_ => throw new InvalidTimeZoneException());
        });

        using var failed = await app.OpenAsync("/typed");

        failed.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Limits().Available.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Protocol_HasNoLoneLines_BrowserGetsTheStatusToo()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreams = 1, options: o =>
        {
            o.Protocol = EventStreamProtocol.DataOnly;
        }, services: collection => collection.ConfigureAll<EventStreamChannelOptions>(c => c.OnGap = (_, _) => default));
        using var first = await app.OpenAsync("/typed");

        using var refused = await app.OpenAsync("/typed");

        refused.Response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Response.Headers.RetryAfter.Should().NotBeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task ProblemDetails_AppHasThem_HaveTheReason()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreams = 1, services: collection => collection.AddProblemDetails());
        using var first = await app.AdmittedAsync("/typed");

        using var refused = await app.Client.GetAsync("/typed").OrFail();

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.Should().NotBeNull();
        refused.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await refused.Content.ReadAsStringAsync()).Should().Contain("as many streams open as it may have");
    }

    private static PartitionedRateLimiter<HttpContext> OneStream() => PartitionedRateLimiter.Create<HttpContext, string>(
        _ => RateLimitPartition.GetConcurrencyLimiter("", _ => new() { PermitLimit = 1 }));

    private sealed class RefusalWithoutWait : RateLimitLease
    {
        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = TimeSpan.Zero;
            return metadataName == MetadataName.RetryAfter.Name;
        }
    }
}
