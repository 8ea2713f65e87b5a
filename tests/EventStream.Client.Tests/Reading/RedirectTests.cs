using System.Net;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

/// <summary>Where requests go that are redirected, and what goes with them. Two peers are two origins.</summary>
public sealed class RedirectTests
{
    private const string Body = "{\"prompt\":\"Hi\"}";

    public static TheoryData<int, string> EachRedirect => new MatrixTheoryData<int, string>([301, 302, 303, 307, 308], ["GET", "POST"]);

    /// <summary>How a redirect within the origin is asked: its status, the method, and what the method becomes.</summary>
    public static TheoryData<int, string, string> MethodsAfterward => new()
    {
        { 301, "GET", "GET" },
        { 302, "GET", "GET" },
        { 303, "GET", "GET" },
        { 307, "GET", "GET" },
        { 308, "GET", "GET" },
        { 301, "POST", "GET" },
        { 302, "POST", "GET" },
        { 303, "POST", "GET" },
        { 307, "POST", "POST" },
        { 308, "POST", "POST" },
        { 301, "PUT", "PUT" },
        { 302, "PUT", "PUT" },
        { 303, "PUT", "GET" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(EachRedirect))]
    public async Task Redirect_ToAnotherOrigin_EndsTheReadingAndNothingIsSentThere(int status, string method)
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: stolen\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}feed?key=1", status));

        var reading = ReadAsync(peer, Prepared(method));

        var error = (await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()).Which;
        error.Message.Should().Be(
            $"{peer.Client.BaseAddress} was redirected to another origin, {Origin(other)}. "
            + "Nothing was sent there, because the request may carry "
            + "credentials. Request that address, or allow it by ShouldFollow.");
        error.StatusCode.Should().Be((HttpStatusCode)status);
        peer.Requests.Should().ContainSingle();
        other.Requests.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(MethodsAfterward))]
    public async Task Redirect_WithinTheOrigin_CarriesWhatWasPrepared(int status, string method, string becomes)
    {
        await using var peer = await Peer.StartAsync(To("/moved", status), Peer.Stream("data: a\n\n"));

        (await ReadAsync(peer, Prepared(method))).Should().Equal("a");

        peer.Requests.Should().HaveCount(2);
        peer.Requests.Should().OnlyContain(
            request => request["X-Api-Key"] == "secret" && request["Cookie"] == "a=b" && request["Last-Event-ID"] == "9"
                && request["Accept"] == "text/event-stream");
        var moved = peer.Requests[1];
        (moved.Path, moved.Method, moved.Body).Should().Be(("/moved", becomes, becomes == "GET" ? "" : Body));
    }

    [Fact(Timeout = 30_000)]
    public async Task Redirect_ToAnAllowedOrigin_IsPreparedForItsAddress()
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}feed"));
        var options = new EventStreamClientOptions
        {
            LastEventId = "9",
            ShouldFollow = address => address.Port == other.Client.BaseAddress!.Port,
            PrepareRequest = (request, _) =>
            {
                if (request.RequestUri!.Port == peer.Client.BaseAddress!.Port) request.Headers.Add("X-Api-Key", "secret");
                return ValueTask.CompletedTask;
            },
        };

        (await ReadAsync(peer, options)).Should().Equal("a");

        peer.Requests.Single()["X-Api-Key"].Should().Be("secret");
        var request = other.Requests.Single();
        (request.Path, request["X-Api-Key"], request["Last-Event-ID"]).Should().Be(("/feed", null, "9"));
    }

    /// <summary>The caller may send a request elsewhere; that is no redirect.</summary>
    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ThatChangesTheAddress_DecidesWhereTheRequestGoes()
    {
        await using var other = await Peer.StartAsync(To("/moved", 307), Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync();
        var options = Prepared("POST");
        var prepare = options.PrepareRequest!;
        options.PrepareRequest = (request, stop) =>
        {
            if (request.RequestUri!.AbsolutePath == "/") request.RequestUri = other.Client.BaseAddress;
            return prepare(request, stop);
        };

        (await ReadAsync(peer, options)).Should().Equal("a");

        other.Requests.Select(request => (request.Path, request.Body)).Should().Equal(("/", Body), ("/moved", Body));
        peer.Requests.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("https://scripted/")]
    [InlineData("http://scripted:81/")]
    [InlineData("http://other/")]
    [InlineData("//other/")]
    [InlineData("http://scripted./")]
    [InlineData("http://scripted@other/")]
    [InlineData("http://scripted:80@other/")]
    [InlineData("http:\\\\other/")]
    [InlineData("ftp://scripted/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    public async Task Location_OfAnotherOrigin_IsNotAsked(string location)
    {
        var handler = new ScriptedHandler(Found(location));

        var reading = ReadAsync(handler.Client, new());

        await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>().WithMessage("*another origin*");
        handler.Positions.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Location_FromHttpsToHttp_IsNotAsked()
    {
        var handler = new ScriptedHandler(Found("http://scripted:443/"));
        using var client = handler.Client;
        client.BaseAddress = new("https://scripted/");

        await ReadAsync(client, new()).Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()
            .WithMessage("*another origin*");

        handler.Positions.Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/x")]
    [InlineData("x?y#z")]
    [InlineData("?y")]
    [InlineData("http://SCRIPTED/x")]
    [InlineData("HTTP://scripted:80/")]
    [InlineData("//scripted/x")]
    [InlineData("http://user:password@scripted/")]
    public async Task Location_OfTheOrigin_IsAsked(string location)
    {
        var handler = new ScriptedHandler(Found(location), ScriptedHandler.Stream("data: a\n\n"));

        (await ReadAsync(handler.Client, new() { LastEventId = "9" })).Should().Equal("a");

        handler.Positions.Should().Equal("9", "9");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("http://")]
    [InlineData("http://a:b:c/")]
    public async Task Location_ThatIsNoAddress_IsARefusal(string location)
    {
        var handler = new ScriptedHandler(Found(location));

        var error = (await ReadAsync(handler.Client, new()).Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()).Which;

        error.StatusCode.Should().Be(HttpStatusCode.Found);
    }

    [Fact(Timeout = 30_000)]
    public async Task Redirects_InALoop_EndTheReading()
    {
        await using var peer = await Peer.StartAsync([.. Enumerable.Repeat(To("/again"), 30)]);

        var reading = ReadAsync(peer, new());

        await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()
            .WithMessage("*redirected more than 20 times, most recently by *");
        peer.Requests.Should().HaveCount(21);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/moved", 301)]
    [InlineData("/moved", 308)]
    [InlineData("/moved", 301, 308)]
    [InlineData("/", 302)]
    [InlineData("/", 303)]
    [InlineData("/", 307)]
    [InlineData("/", 301, 307)]
    [InlineData("/", 307, 301)]
    public async Task Reconnect_AfterRedirects_BeginsWhereTheyArePermanent(string path, params int[] statuses)
    {
        await using var peer = await Peer.StartAsync(
            [.. statuses.Select(status => To("/moved", status)), Peer.Stream("id: 1\ndata: a\n\n")]);

        await ReadAsync(peer, new() { Reconnect = EventStreamClientReconnect.Always });

        peer.Requests.Select(request => request.Path).Should().Equal(["/", .. statuses.Select(_ => "/moved"), path]);
        peer.Requests[^1]["Last-Event-ID"].Should().Be("1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_AfterAPermanentRedirectToNoStream_BeginsAtTheFirstAddress()
    {
        await using var peer = await Peer.StartAsync(To("/moved", 301), Peer.Status(503), Peer.Stream("data: a\n\n"));

        await ReadAsync(peer, new() { Reconnect = EventStreamClientReconnect.Always, ShouldRetry = _ => true });

        peer.Requests.Select(request => request.Path).Should().StartWith(["/", "/moved", "/"]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_AtARememberedAddressThatHasGone_BeginsAtTheFirstAgain()
    {
        await using var peer = await Peer.StartAsync(
            To("/moved", 301), Peer.Stream("id: 1\ndata: a\n\n"), Peer.Status(404), Peer.Stream("id: 2\ndata: b\n\n"));

        (await ReadAsync(peer, new() { Reconnect = EventStreamClientReconnect.Always })).Should().Equal("a", "b");

        peer.Requests.Select(request => request.Path).Should().Equal("/", "/moved", "/moved", "/", "/");
        peer.Requests[3]["Last-Event-ID"].Should().Be("1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_AtARememberedAddressThatBreaks_BeginsAtTheFirstNextTime()
    {
        await using var peer = await Peer.StartAsync(
            To("/moved", 308), Peer.Stream("id: 1\ndata: a\n\n"), Peer.Status(503), Peer.Stream("id: 2\ndata: b\n\n"));

        (await ReadAsync(peer, new() { Reconnect = EventStreamClientReconnect.Always, ShouldRetry = _ => true })).Should().Equal("a", "b");

        peer.Requests.Select(request => request.Path).Should().Equal("/", "/moved", "/moved", "/", "/");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_AtARememberedOriginThatIsNoLongerAllowed_BeginsAtTheFirstAgain()
    {
        await using var other = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}", 301));
        var isAllowed = true;
        var options = new EventStreamClientOptions
        {
            Reconnect = EventStreamClientReconnect.Always,
            ShouldFollow = _ => isAllowed,
            OnOpened = _ => isAllowed = false,
        };

        (await ReadAsync(peer, options)).Should().Equal("a");

        other.Requests.Should().ContainSingle();
        peer.Requests.Should().HaveCount(2);
    }

    /// <summary>The first request has begun something, such as a job. It is never made twice.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData(301, false)]
    [InlineData(302, false)]
    [InlineData(303, false)]
    [InlineData(301, true)]
    [InlineData(303, true)]
    public async Task Reconnect_AfterAPostThatBecameAGet_GetsTheLastAddress(int status, bool handlerFollows)
    {
        await using var peer = await Peer.StartAsync(
            To("/job/7", status), Peer.Cut("id: 1\ndata: a\n\n"), Peer.Status(503), Peer.Stream("id: 2\ndata: b\n\n"));
        var options = Prepared("POST");
        options.Reconnect = EventStreamClientReconnect.WithPosition;
        options.ShouldRetry = _ => true;

        (await ReadAsync(peer, options, handlerFollows)).Should().Equal("a", "b");

        peer.Requests.Select(request => $"{request.Method} {request.Path} {request["Last-Event-ID"]}").Should()
            .Equal("POST / 9", "GET /job/7 9", "GET /job/7 1", "GET /job/7 1", "GET /job/7 2");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reconnect_AfterAPostThatBecameAGetWithoutAStream_IsNotPostedAgain(bool handlerFollows)
    {
        await using var peer = await Peer.StartAsync(To("/job/7", 303), context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var options = Prepared("POST");
        options.Reconnect = EventStreamClientReconnect.Always;

        (await ReadAsync(peer, options, handlerFollows)).Should().BeEmpty();

        peer.Requests.Select(request => request.Method).Should().StartWith(["POST", "GET", "GET"]);
        peer.Requests.Count(request => request.Method == "POST").Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_AfterAPostThatBecameAGetAtAnOriginNoLongerAllowed_EndsTheReading()
    {
        await using var other = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}job/7", 303));
        var isAllowed = true;
        var options = Prepared("POST");
        options.Reconnect = EventStreamClientReconnect.WithPosition;
        options.ShouldFollow = _ => isAllowed;
        options.OnOpened = _ => isAllowed = false;

        var reading = ReadAsync(peer, options);

        await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()
            .WithMessage($"A redirect of {peer.Client.BaseAddress} led to another origin, {Origin(other)}. *");
        peer.Requests.Should().ContainSingle();
        other.Requests.Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("X-Api-Key", true)]
    [InlineData("Cookie", true)]
    [InlineData("Authorization", true)]
    [InlineData("Accept-Language", false)]
    [InlineData("user-agent", false)]
    public async Task Handler_ThatFollowsToAnotherOriginWithADefaultHeader_EndsTheReadingIfItMayBeACredential(string header, bool ends)
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}"));
        peer.Client.DefaultRequestHeaders.Add(header, "en");

        var reading = ReadAsync(peer.Client, new());

        if (ends) await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>().WithMessage("A handler sent *");
        else (await reading).Should().Equal("a");
    }

    /// <summary>The handler has sent the headers, which only it could prevent. The caller gets an error.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Handler_ThatFollowsToAnotherOriginWhatWasPrepared_EndsTheReading(int status)
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}", status));

        var reading = ReadAsync(peer.Client, Prepared("GET"));

        await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()
            .WithMessage(
                $"A handler sent the request for {peer.Client.BaseAddress} to another origin, {Origin(other)},*AllowAutoRedirect = false*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Handler_ThatFollowsToAnotherOrigin_DoesNotGetTheBody(int status)
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}", status));
        var options = Prepared("POST");
        options.PrepareRequest = null;

        var reading = ReadAsync(peer.Client, options);

        await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>().WithMessage("*AllowAutoRedirect = false*");
        other.Requests.Should().BeEmpty("no request has come whole");
        peer.Requests.Single().Body.Should().Be(Body);
    }

    [Fact(Timeout = 30_000)]
    public async Task Handler_ThatFollowsToAnotherOriginWhereNothingWasPrepared_IsRead()
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}"));

        (await ReadAsync(peer.Client, new())).Should().Equal("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Handler_ThatFollowsToAnAllowedOrigin_IsRead()
    {
        await using var other = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        await using var peer = await Peer.StartAsync(To($"{other.Client.BaseAddress}", 307));
        var options = Prepared("POST");
        options.ShouldFollow = _ => true;

        (await ReadAsync(peer.Client, options)).Should().Equal("a");

        other.Requests.Single().Body.Should().Be(Body);
    }

    /// <summary>As service discovery does: a second endpoint is no redirect.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Handler_ThatChoosesAddressesAndTriesAgain_GetsTheBodyEachTime()
    {
        await using var first = await Peer.StartAsync(Peer.Status(503));
        await using var second = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        using var handler = new TwoEndpoints(first.Client.BaseAddress!, second.Client.BaseAddress!);
        using var client = new HttpClient(handler) { BaseAddress = new("http://service/") };

        (await ReadAsync(client, Prepared("POST"))).Should().Equal("a");

        second.Requests.Single().Body.Should().Be(Body);
    }

    [Fact(Timeout = 30_000)]
    public async Task Refusal_OfAnAddressWithUserAndQuery_DoesNotShowThem()
    {
        await using var peer = await Peer.StartAsync(Peer.Status(403));
        using var client = new HttpClient
        {
            BaseAddress = new UriBuilder(peer.Client.BaseAddress!) { UserName = "me", Password = "secret" }.Uri,
        };

        var reading = client.ReadEventStreamAsync("/feed?token=secret").CountAsync().AsTask();

        var error = (await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()).Which;
        error.Message.Should().StartWith($"GET {peer.Client.BaseAddress}feed was answered by 403").And.NotContain("secret");
    }

    private static string Origin(Peer peer) => peer.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private static Func<HttpContext, Task> To(string location, int status = 302) =>
        Peer.Status(status, "moved", change: answer => answer.Headers.Location = location);

    private static Answer Found(string location) => _ =>
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Found);
        answer.Headers.TryAddWithoutValidation("Location", location);
        return Task.FromResult(answer);
    };

    private static EventStreamClientOptions Prepared(string method) => new()
    {
        Method = new(method),
        LastEventId = "9",
        Reconnect = EventStreamClientReconnect.Never,
        Content = method == "GET" ? null : () => new StringContent(Body, null, "application/json"),
        PrepareRequest = (request, _) =>
        {
            request.Headers.Add("X-Api-Key", "secret");
            request.Headers.Add("Cookie", "a=b");
            return ValueTask.CompletedTask;
        },
    };

    /// <summary>Reads by a handler that does not follow redirects, unless it is to.</summary>
    private static async Task<List<string>> ReadAsync(Peer peer, EventStreamClientOptions options, bool handlerFollows = false)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = handlerFollows };
        using var client = new HttpClient(handler) { BaseAddress = peer.Client.BaseAddress };
        options.TimeProvider = peer.Time;
        options.IdleTimeout = null;
        var reading = ReadAsync(client, options);
        await peer.WhileTimePasses(reading);
        return await reading;
    }

    private static async Task<List<string>> ReadAsync(HttpClient client, EventStreamClientOptions options)
    {
        options.Reconnect ??= EventStreamClientReconnect.Never;
        List<string> data = [];
        await foreach (var message in client.ReadEventStreamAsync("/", options)) data.Add(message.Data);
        return data;
    }

    private sealed class TwoEndpoints(Uri first, Uri second) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.RequestUri;
            request.RequestUri = first;
            (await base.SendAsync(request, cancellationToken)).Dispose();
            request.RequestUri = second;
            var answer = await base.SendAsync(request, cancellationToken);
            request.RequestUri = asked;
            return answer;
        }
    }
}
