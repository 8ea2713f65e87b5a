using System.Runtime.CompilerServices;
using System.Security.Claims;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using EventStream.AspNetCore.Tests.Pipeline;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Which streams a selector ends, of channels and of plain sources.</summary>
public sealed class SelectorTests
{
    private const string Plain = "/typed";

    private static readonly (string? User, string? Session, string Path)[] Streams =
    [
        ("ann", "a", "/news"),
        ("ann", "b", "/news"),
        ("ann", "a", "/other"),
        ("bob", "c", "/news"),
        (null, null, "/news"),
        ("ann", "a", "/several?channel=news&channel=other"),
        ("ann", "a", Plain),
        ("ann", "b", Plain),
        (null, "c", Plain),
    ];

    private readonly SourcePerRequest _sources = new();
    private readonly OverdueSource _late = new();

    public static TheoryData<string, int[]> Selectors => new()
    {
        { "user", [0, 1, 2, 5, 6, 7] },
        { "channel", [0, 1, 3, 4, 5] },
        { "user and channel", [0, 1, 5] },
        { "claim", [0, 2, 5, 6] },
        { "claim of a stream without a user", [3, 8] },
        { "claim and channel", [2, 5] },
        { "claim of another user", [] },
        { "claim of another case", [0, 2, 5, 6] },
        { "value of another case", [] },
        { "connection of a channel's stream", [0] },
        { "connection of a plain stream", [6] },
        { "connection of another user", [] },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Selectors))]
    public async Task Disconnect_Selector_EndsTheSelectedStreamsAndNoOthers(string selector, int[] expected)
    {
        await using var app = await StartAsync(NamedUsers.SaysWhy);
        var streams = new List<TestEventSource>();
        var sources = new Dictionary<TestEventSource, DrivenSource>();
        foreach (var (user, session, path) in Streams)
        {
            var stream = await app.ListenAsAsync(user, path, session: session);
            if (path == Plain) sources[stream] = await _sources.NextAsync();
            else await stream.NextPositionAsync();
            streams.Add(stream);
        }

        await app.Hub().DisconnectAsync(Selector(selector, n => streams[n].ConnectionId()));
        foreach (var channel in (string[])["news", "other"]) await app.Hub().PublishAsync(channel, "later");
        foreach (var source in sources.Values) source.Send(new() { Data = "later" });

        for (var n = 0; n < streams.Count; n++)
        {
            await using var stream = streams[n];
            if (!expected.Contains(n))
            {
                (await stream.NextAsync()).Data.Should().Be("later", $"stream {n} is not selected");
                continue;
            }

            await stream.ExpectDisconnectAsync();
            stream.Body.Should().NotContain("later", $"stream {n} is selected");
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(StreamEndpoints.Known), MemberType = typeof(StreamEndpoints))]
    public async Task Disconnect_PlainStream_EndsItHoweverItWasMapped(string path)
    {
        await using var app = await StartAsync();
        await using var stream = await app.ListenAsAsync("ann", path);
        var source = await _sources.NextAsync();
        source.Send(new() { Data = "before" });
        (await stream.NextAsync()).Data.Should().Be("before");

        (await app.Hub().DisconnectAsync("ann")).IsConfirmed.Should().BeTrue();

        await stream.ExpectEndAsync();
        await source.Ended.OrFail();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: Disconnected.")));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/late")]
    [InlineData("/blocking")]
    public async Task Disconnect_SourceYieldsOnceMore_MessageIsDropped(string path)
    {
        await using var app = await StartAsync();
        await using var stream = await app.ListenAsAsync("ann", path);
        (await stream.NextAsync()).Data.Should().Be("first");
        if (path == "/blocking") await _late.Blocks.OrFail();

        await app.Hub().DisconnectAsync("ann");
        _late.Release();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("too late");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_StreamIsEndingAlready_LateMessageIsDropped()
    {
        await using var app = await StartAsync();
        await using var stream = await app.ListenAsAsync("ann", "/ageing");
        (await stream.NextAsync()).Data.Should().Be("first");
        await app.AdvanceUntilAsync(_late.Cancelled, TimeSpan.FromMilliseconds(100));

        await app.Hub().DisconnectAsync("ann");
        _late.Release();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("too late");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_APrincipalThrows_ItsStreamAndTheOthersEnd()
    {
        await using var app = await StartAsync();
        await using var before = await app.ListenAsAsync("ann", "/typed", session: "a");
        await using var thrower = await app.ListenAsAsync("bob", "/throws");
        (await thrower.NextAsync()).Data.Should().Be("first");
        await using var after = await app.ListenAsAsync("ann", "/typed", session: "a");
        await using var channel = await app.ListenAsAsync("ann", "/news", session: "a");

        await app.Hub().DisconnectAsync(new EventStreamSelector { Claim = ("sid", "a") });

        foreach (var stream in new[] { before, thrower, after, channel }) await stream.ExpectEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_PrincipalWasReplacedWhileTheStreamIsOpen_FindsTheNewClaims()
    {
        await using var app = await StartAsync();
        await using var stream = await app.ListenAsAsync("ann", "/replaced", session: "a");
        (await stream.NextAsync()).Data.Should().Be("first");

        await app.Hub().DisconnectAsync(new EventStreamSelector { Claim = ("sid", "new") });

        await stream.ExpectEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_SelectorWithoutAValue_IsRefused()
    {
        using var hub = new LoneHub();
        foreach (var (selector, reason) in new (EventStreamSelector, string)[]
        {
            (new(), "*is empty, and would end every stream. Set User, Channel, ConnectionId or Claim.*"),
            (new() { User = "" }, "*User has an empty text*"),
            (new() { User = "ann", Channel = "" }, "*Channel has an empty text*"),
            (new() { ConnectionId = "" }, "*ConnectionId has an empty text*"),
            (new() { Claim = ("", "a") }, "*Claim has an empty text*"),
            (new() { User = "ann", Claim = ("sid", null!) }, "*Claim has an empty text*"),
            (new() { Channel = "un/known" }, "There is no channel 'un/known'.*"),
        })
        {
            (await hub.Hub.Invoking(of => of.DisconnectAsync(selector)).Should().ThrowAsync<ArgumentException>()).WithMessage(reason);
        }

        await hub.Hub.Invoking(of => of.DisconnectAsync("")).Should().ThrowAsync<ArgumentException>();
        await hub.Hub.Invoking(of => of.DisconnectAsync((EventStreamSelector)null!)).Should().ThrowAsync<ArgumentNullException>();
    }

    private static EventStreamSelector Selector(string name, Func<int, string> connectionOf) => name switch
    {
        "user" => new() { User = "ann" },
        "channel" => new() { Channel = "news" },
        "user and channel" => new() { User = "ann", Channel = "news" },
        "claim" => new() { Claim = ("sid", "a") },
        "claim of a stream without a user" => new() { Claim = ("sid", "c") },
        "claim and channel" => new() { Claim = ("sid", "a"), Channel = "other" },
        "claim of another user" => new() { User = "bob", Claim = ("sid", "a") },
        "claim of another case" => new() { Claim = ("SID", "a") },
        "value of another case" => new() { Claim = ("sid", "A") },
        "connection of a channel's stream" => new() { ConnectionId = connectionOf(0) },
        "connection of a plain stream" => new() { ConnectionId = connectionOf(6) },
        "connection of another user" => new() { User = "bob", ConnectionId = connectionOf(0) },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no selector"),
    };

    private Task<TestApp> StartAsync(EventStreamProtocol? protocol = null) => ChannelApp.StartAsync(
        channels => channels.AddChannel("news").AddChannel("other"),
        app =>
        {
            app.Use((context, next) =>
            {
                context.Response.Headers["X-Connection"] = context.Connection.Id;
                return next(context);
            });
            app.UseAuthentication().UseAuthorization();
            app.MapStreams(_sources);
            app.MapGet("/late", () => TypedResults.EventStream(OverdueSource.WhenCancelled()));
            app.MapGet("/blocking", () => TypedResults.EventStream(_late.AfterABlock()));
            app.MapGet("/ageing", () => TypedResults.EventStream(_late.WhenReleased(), o =>
                (o.MaxLifetime, o.SourceStopTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))));
            app.MapGet("/throws", (HttpContext context) => TypedResults.EventStream(ReplacePrincipal(context, new ThrowingPrincipal())));
            app.MapEventStream("/news", "news");
            app.MapGet("/replaced", (HttpContext context) => TypedResults.EventStream(
                ReplacePrincipal(context, new(new ClaimsIdentity([new("sid", "new")], "Header")))));
        },
        services: services =>
        {
            HeaderAuthentication.AddTo(services);
            services.AddStreams(_sources);
            if (protocol is not null) services.Configure<EventStreamOptions>(o => o.Protocol = protocol);
        });

    private static async IAsyncEnumerable<EventStreamMessage> ReplacePrincipal(
        HttpContext context, ClaimsPrincipal principal, [EnumeratorCancellation] CancellationToken stop = default)
    {
        context.User = principal;
        yield return new() { Data = "first" };
        await Task.Delay(Timeout.Infinite, stop);
    }

    private sealed class ThrowingPrincipal : ClaimsPrincipal
    {
        public override bool HasClaim(string type, string value) => throw new InvalidTimeZoneException();
    }
}
