using System.Net.Http.Headers;
using System.Text;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class RequestTests
{
    [Fact(Timeout = 30_000)]
    public async Task Request_ByDefault_IsWhatABrowserAsks()
    {
        await using var peer = await Peer.StartAsync();

        await peer.ReadToEndAsync();

        var request = peer.Requests.Should().ContainSingle().Subject;
        request.Method.Should().Be("GET");
        request.Headers.Keys.Should().BeEquivalentTo("Host", "Accept", "Cache-Control");
        request["Accept"].Should().Be("text/event-stream");
        request["Cache-Control"].Should().Be("no-cache");
    }

    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ForEachAttempt_GivesAnotherToken()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        var tokens = 0;

        await peer.ReadToEndAsync(new()
        {
            PrepareRequest = async (request, _) =>
            {
                await Task.Yield();
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", $"token{++tokens}");
            },
        });

        peer.Requests.Select(request => request["Authorization"]).Should().Equal("Bearer token1", "Bearer token2");
    }

    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ThatCannotReachItsServer_IsAFailedAttempt()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        List<EventStreamClientRetrying> retries = [];
        var calls = 0;

        var events = await peer.ReadToEndAsync(new()
        {
            PrepareRequest = (_, _) => ++calls == 1 ? throw new HttpRequestException("no token") : ValueTask.CompletedTask,
            OnRetrying = retries.Add,
        });

        events.Should().ContainSingle();
        retries[0].Error!.Message.Should().Be("no token");
    }

    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ThatFails_EndsTheReading()
    {
        await using var peer = await Peer.StartAsync();

        await peer.Invoking(
            each => each.ReadToEndAsync(new() { PrepareRequest = (_, _) => throw new UnauthorizedAccessException("log in again") }))
            .Should().ThrowAsync<UnauthorizedAccessException>();

        peer.Requests.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_WithoutIds_CleanEndIsTheEnd()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: Hello\n\ndata: [DONE]\n\n"));

        var events = await peer.ReadToEndAsync(Question());

        events.Select(each => each.Data).Should().Equal("Hello", "[DONE]");
        peer.Requests.Should().ContainSingle("a question that is asked again is paid for again")
            .Which.Body.Should().Be("{\"prompt\":\"Hi\"}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_WithoutIds_BreakIsThrown()
    {
        await using var peer = await Peer.StartAsync(Peer.Cut("data: Hel\n\n"));

        await peer.Invoking(each => each.ReadToEndAsync(Question())).Should().ThrowAsync<IOException>();

        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_WithIds_IsResumedWithItsBody()
    {
        await using var peer = await Peer.StartAsync(Peer.Cut("id: 1\ndata: Hel\n\n"), Peer.Stream("id: 2\ndata: lo\n\n"));

        var events = await peer.ReadToEndAsync(Question());

        events.Select(each => each.Data).Should().Equal("Hel", "lo");
        peer.Requests.Select(request => (request.Method, request.Body, request["Last-Event-ID"])).Should().Equal(
            ("POST", "{\"prompt\":\"Hi\"}", null), ("POST", "{\"prompt\":\"Hi\"}", "1"), ("POST", "{\"prompt\":\"Hi\"}", "2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_Never_CleanEndIsTheEnd()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n\n"));

        (await peer.ReadToEndAsync(new() { Reconnect = EventStreamClientReconnect.Never })).Should().ContainSingle();

        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task LastEventId_NotAscii_ReportsWhatTheHandlerNeeds()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: é€\ndata: a\n\n"));

        var failure = await peer.Invoking(each => each.ReadToEndAsync()).Should().ThrowAsync<EventStreamClientException>();

        failure.WithMessage("*'é€' is not ASCII*RequestHeaderEncodingSelector*");
    }

    [Fact(Timeout = 30_000)]
    public async Task LastEventId_NotAsciiAndTheHandlerSendsUtf8_Arrives()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: é€\ndata: a\n\n"));
        using var client = new HttpClient(
            new SocketsHttpHandler { UseProxy = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 })
        {
            BaseAddress = peer.Client.BaseAddress,
        };

        await peer.WhileTimePasses(Task.Run(async () =>
        {
            await foreach (var _ in client.ReadEventStreamAsync("/", new() { TimeProvider = peer.Time, AllowNonAsciiHeaders = true }))
            {
            }
        }));

        peer.Requests[1]["Last-Event-ID"].Should().Be("é€");
    }

    /// <summary>What a handler throws for another reason is a failed attempt, whatever the headers.</summary>
    [Fact(Timeout = 30_000)]
    public async Task LastEventId_NotAsciiAndTheHandlerFails_IsAFailedAttempt()
    {
        await using var peer = await Peer.StartAsync();
        var handler = new ScriptedHandler(
            ScriptedHandler.Fails(new HttpRequestException("no such host")), ScriptedHandler.Stream("data: a\n\n"));
        List<string> data = [];

        await peer.WhileTimePasses(Task.Run(async () =>
        {
            var options = new EventStreamClientOptions { LastEventId = "é", AllowNonAsciiHeaders = true, TimeProvider = peer.Time };
            await foreach (var message in handler.Client.ReadEventStreamAsync("/", options)) data.Add(message.Data);
        }));

        data.Should().Equal("a");
        handler.Positions.Should().Equal("é", "é", "é");
    }

    public static TheoryData<string, Action<HttpRequestMessage>> Unsendable => new()
    {
        {
            "X-User is not ASCII*RequestHeaderEncodingSelector*AllowNonAsciiHeaders*",
            request => request.Headers.Add("X-User", ["Ann", "José"])
        },
        { "X-File is not ASCII*", request => request.Content!.Headers.Add("X-File", "naïve.txt") },
        { "X-User has CR, LF or NUL*", request => request.Headers.TryAddWithoutValidation("X-User", "José\r\nX-Admin: 1") },
        { "X-User has CR, LF or NUL*", request => request.Headers.TryAddWithoutValidation("X-User", "José\0") },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Unsendable), DisableDiscoveryEnumeration = true)]
    public async Task PrepareRequest_HeaderThatCannotBeSent_EndsTheReadingBeforeItIs(string message, Action<HttpRequestMessage> prepare)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        var options = Question();
        options.Reconnect = EventStreamClientReconnect.Always;
        options.PrepareRequest = (request, _) =>
        {
            prepare(request);
            return ValueTask.CompletedTask;
        };

        var failure = await peer.Invoking(each => each.ReadToEndAsync(options)).Should().ThrowAsync<EventStreamClientException>();

        failure.WithMessage($"The request's header {message}").Which.Message.Should().NotContain("Jos", "it may be a secret");
        peer.Requests.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task DefaultRequestHeaders_NotAscii_EndTheReadingBeforeTheyAreSent()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        peer.Client.DefaultRequestHeaders.Add("X-User", "José");

        var failure = await peer.Invoking(each => each.ReadToEndAsync()).Should().ThrowAsync<EventStreamClientException>();

        failure.WithMessage("*X-User is not ASCII*");
        peer.Requests.Should().BeEmpty();
    }

    private static EventStreamClientOptions Question() =>
        new() { Method = HttpMethod.Post, Content = () => new StringContent("{\"prompt\":\"Hi\"}", Encoding.UTF8, "application/json") };
}
