using System.Runtime.CompilerServices;
using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>A large frame leaves in pieces: what is between them, and what becomes of a stream that must end inside one.</summary>
public sealed class PieceTests
{
    private const int LongestPiece = 64 * 1024;
    private const int Size = 300_000;
    private static readonly string Large = new('x', Size);

    private readonly TaskCompletionSource<HeldBody> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _holds = true;

    public static TheoryData<string> Sources => ["text", "bytes", "json", "value", "channel", "merged", "filtered", "snapshot"];

    public static TheoryData<string> Ends => ["lifetime", "host", "disconnect"];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Sources))]
    public async Task LargeFrame_OfAnySource_LeavesInPieces(string source)
    {
        _holds = false;
        await using var app = await StartAsync();
        var channel = app.GetChannel("news");
        var position = await channel.SayAsync("first");
        if (source == "snapshot") await channel.SayManyAsync(5);

        using var stream = await app.OpenAsync(PathOf(source), source == "snapshot" ? position : null);
        var body = await _opened.Task.OrFail();
        if (source is "channel" or "merged" or "filtered")
        {
            await Soon.Until(() => channel.SubscriberCount == 1);
            await channel.SayAsync(Large);
        }

        var text = await stream.ReadUntilAsync("x\n\n", "x\"]\n\n");
        text.Should().Contain(Large[..(Size / 2)]);
        body.Writes.Select(write => write.Length).Should().OnlyContain(length => length < LongestPiece)
            .And.HaveCountGreaterThan(Size / LongestPiece);
    }

    [Fact(Timeout = 30_000)]
    public async Task LargeFrame_KeepAliveIsDueInside_ComesAfterIt()
    {
        await using var app = await StartAsync(o => (o.KeepAliveInterval, o.WriteTimeout) = (TimeSpan.FromSeconds(1), null));
        using var stream = await app.OpenAsync("/plain/text");
        var body = await HeldInsideAsync();

        for (var second = 0; second < 5; second++) app.Time.Advance(TimeSpan.FromSeconds(1));
        body.LetAllGo();

        await stream.ShouldBringAsync($"data: {Large}\n\n");
        await app.AdvanceUntilAsync(
            Soon.Until(() => body.Text.Contains($"{Large[^10..]}\n\n:\n", StringComparison.Ordinal)), TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task LargeFrame_AnotherChannelPublishesMeanwhile_ItsMessageComesAfterIt()
    {
        await using var app = await StartAsync();
        using var stream = await app.OpenAsync("/several?channel=news&channel=other");
        await Soon.Until(() => app.GetChannel("other").SubscriberCount == 1);
        await app.GetChannel("news").SayAsync(Large);
        var body = await HeldInsideAsync();

        await app.GetChannel("other").SayAsync("other");
        body.LetAllGo();

        var text = await stream.ReadUntilAsync("data: other\n\n");
        text.Should().Contain($"data: {Large}\n\n");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ends))]
    public async Task StreamEndsInside_ReaderReadsOn_FrameIsWholeAndTheEndIsClean(string end)
    {
        await using var app = await StartAsync(o => o.MaxLifetime = end == "lifetime" ? TimeSpan.FromSeconds(10) : null);
        using var stream = await OpenInsideAsync(app);
        var body = await HeldInsideAsync();

        var stopping = await EndAsync(app, end);
        body.LetAllGo();

        (await stream.ReadToEndAsync())
            .Should().MatchRegex($@"\A(id: \S+\n\n)?id: \S+\ndata: x{{{Size}}}\n\n{(end == "lifetime" ? "" : @"retry: \d+\n")}\z");
        await stopping.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ends))]
    public async Task StreamEndsInside_ReaderDoesNotReadOn_IsCutAndNothingWaits(string end)
    {
        await using var app = await StartAsync(o => o.MaxLifetime = end == "lifetime" ? TimeSpan.FromSeconds(10) : null);
        using var stream = await OpenInsideAsync(app);
        var body = await HeldInsideAsync();

        var stopping = await EndAsync(app, end);
        await app.AdvanceUntilAsync(Soon.Until(() => app.GetChannel("news").SubscriberCount == 0), TimeSpan.FromSeconds(1));
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromSeconds(1));

        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>("the frame is not whole");
        body.Text.Should().EndWith("xxx", "nothing follows a part of a frame");
        body.LetAllGo();
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteTimeout_ReaderIsSlowAndSteady_EachPieceHasItsOwnTimeUntilTheStreamMustEnd()
    {
        await using var app = await StartAsync(o => o.WriteTimeout = TimeSpan.FromSeconds(10));
        using var stream = await OpenInsideAsync(app);
        var body = await HeldInsideAsync();

        for (var piece = 0; piece < 4; piece++) await LetOneGoInAsync(app, body, TimeSpan.FromSeconds(8));
        app.GetChannel("news").SubscriberCount.Should().Be(1, "each piece took less than the timeout");

        await app.Hub().DisconnectAsync("me");
        await LetOneGoInAsync(app, body, TimeSpan.FromSeconds(8));
        await app.AdvanceUntilAsync(Soon.Until(() => app.GetChannel("news").SubscriberCount == 0), TimeSpan.FromSeconds(1));

        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
        var pieces = body.Writes.Count;
        body.LetAllGo();
        body.Writes.Should().HaveCount(pieces, "what was abandoned is not taken up again");
    }

    [Fact(Timeout = 30_000)]
    public async Task BodyFailsInside_NothingFollowsAndTheResponseIsCut()
    {
        await using var app = await StartAsync(o => o.OnError = _ => EventStreamErrorAction.EndWith(new() { Data = "last words" }));
        using var stream = await app.OpenAsync("/plain/text");
        var body = await HeldInsideAsync();

        body.Fail(new InvalidTimeZoneException("in the body"));

        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
        body.Text.Should().EndWith("xxx");
    }

    [Fact(Timeout = 30_000)]
    public async Task BodyFailsInside_WithAnIOExceptionOfItsOwn_ResponseIsCut()
    {
        await using var app = await StartAsync();
        using var stream = await app.OpenAsync("/plain/text");
        var body = await HeldInsideAsync();

        body.Fail(new IOException("of a middleware, and not because the client has left"));

        await FluentActions.Awaiting(stream.ReadToEndAsync).Should().ThrowAsync<IOException>();
        body.Text.Should().EndWith("xxx");
    }

    private Task<TestApp> StartAsync(Action<EventStreamOptions>? options = null) => ChannelApp.StartAsync(
        channels => channels
            .AddChannel("news", o => (o.Capacity, o.OnGap) = (4, async (_, _) => new([EventStreamMessage.Json(1), new() { Data = Large }])))
            .AddChannel("other"),
        app =>
        {
            HeldBody.Use(app, body =>
            {
                if (_holds) body.Hold(write => write.Span is [(byte)'x', .., (byte)'x']);
                _opened.TrySetResult(body);
            });
            app.UseRouting();
            app.MapGet("/plain/text", () => Results.EventStream(One(Large)));
            app.MapGet("/plain/bytes", () => Results.EventStream(One(Encoding.UTF8.GetBytes(Large))));
            app.MapGet("/plain/json", () => Results.EventStream(One(EventStreamMessage.Json(new[] { Large }).Data)));
            app.MapGet("/plain/value", () => Results.EventStream(Values()));
            app.MapEventStream("/filtered", _ => new EventStreamSubscription("news") { User = "me", Filter = _ => true });
        },
        options);

    /// <summary>Opens a stream of the user <c>me</c>, and publishes a large message when it has joined.</summary>
    private static async Task<StreamReading> OpenInsideAsync(TestApp app)
    {
        var stream = await app.OpenAsync("/filtered");
        await Soon.Until(() => app.GetChannel("news").SubscriberCount == 1);
        await app.GetChannel("news").SayAsync(Large);
        return stream;
    }

    /// <summary>The body, which holds a piece of the large frame.</summary>
    private async Task<HeldBody> HeldInsideAsync()
    {
        var body = await _opened.Task.OrFail();
        await Soon.Until(() => body.Held == 1, "a piece of the large frame");
        return body;
    }

    private static async Task LetOneGoInAsync(TestApp app, HeldBody body, TimeSpan span)
    {
        var writes = body.Writes.Count;
        app.Time.Advance(span);
        body.LetOneGo();
        await Soon.Until(() => body.Writes.Count == writes + 1);
    }

    /// <summary>Has the stream end, and returns what else has to come to its end.</summary>
    private static async Task<Task> EndAsync(TestApp app, string end)
    {
        switch (end)
        {
            case "host":
                return app.App.StopAsync();
            case "lifetime":
                app.Time.Advance(TimeSpan.FromSeconds(10));
                break;
            default:
                await app.Hub().DisconnectAsync("me");
                break;
        }

        return Task.CompletedTask;
    }

    private static string PathOf(string source) => source switch
    {
        "channel" or "snapshot" => "/news",
        "merged" => "/several?channel=news&channel=other",
        "filtered" => "/filtered",
        _ => $"/plain/{source}",
    };

    private static async IAsyncEnumerable<EventStreamMessage> One(
        EventStreamData data, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new() { Data = data };
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async IAsyncEnumerable<string> Values([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return Large;
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
