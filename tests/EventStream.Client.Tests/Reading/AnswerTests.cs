using System.IO.Compression;
using System.Net;
using System.Text;
using EventStream.Client.Reading;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class AnswerTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream;charset=utf-8")]
    [InlineData("Text/Event-Stream")]
    public async Task Answer_OfTheType_IsRead(string type)
    {
        await using var peer = await Peer.StartAsync(Peer.Status(200, "data: a\n\n", type));

        (await peer.ReadToEndAsync()).Should().ContainSingle().Which.Data.Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_OfAnotherType_FailsAndShowsWhatCame()
    {
        await using var peer = await Peer.StartAsync(Peer.Status(200, "<h1>Log in</h1>", "text/html"));

        var failure = await FailureAsync(peer);

        failure.Message.Should().Be(
            $"GET {peer.Client.BaseAddress} was answered by 200 OK with 'text/html'; an event stream is 200 with 'text/event-stream'. "
            + "The body begins: <h1>Log in</h1>");
        failure.StatusCode.Should().Be(HttpStatusCode.OK);
        peer.Requests.Should().ContainSingle("another attempt would bring the same");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_OfAnotherTypeThatDoesNotEnd_FailsAnyway()
    {
        await using var peer = await Peer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.WriteAsync("{}\n");
            await Peer.GoneAsync(context);
        });

        var failure = await FailureAsync(peer);

        failure.Message.Should().Contain("with 'application/x-ndjson'");
        peer.Requests.Should().ContainSingle("it is refused, and not taken for dead");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(201)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Answer_OfAnotherStatus_FailsAndNamesWhich(int status)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"), Peer.Status(status, "sorry", "text/event-stream"));

        var failure = await FailureAsync(peer);

        failure.StatusCode.Should().Be((HttpStatusCode)status);
        failure.Message.Should().Contain($"was answered by {status} ").And.EndWith("The body begins: sorry");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_RedirectWithoutAnAddress_Fails()
    {
        await using var peer = await Peer.StartAsync(Peer.Status(302));

        (await FailureAsync(peer)).StatusCode.Should().Be(HttpStatusCode.Found);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task Answer_ThatIsEncoded_FailsAndNamesTheEncoding(string encoding)
    {
        await using var peer = await Peer.StartAsync(Compressed(encoding));

        var failure = await FailureAsync(peer);

        failure.Message.Should().Be(
            $"GET {peer.Client.BaseAddress} was answered by 200 OK with 'text/event-stream' and Content-Encoding '{encoding}', which this "
            + "HttpClient does not decode. Set AutomaticDecompression on its handler, or ask for no encoding.");
        peer.Requests.Should().ContainSingle("another attempt would bring the same");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_RefusalThatIsEncoded_DoesNotShowItsBytes()
    {
        await using var peer = await Peer.StartAsync(
            Peer.Status(403, "\u001f\u008b", change: answer => answer.Headers.ContentEncoding = "gzip"));

        (await FailureAsync(peer)).Message.Should().EndWith("does not decode; an event stream is 200 with 'text/event-stream'.");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_ThatTheHandlerDecodes_IsRead()
    {
        await using var peer = await Peer.StartAsync(Compressed("gzip"));
        using var handler = new SocketsHttpHandler { UseProxy = false, AutomaticDecompression = DecompressionMethods.All };
        using var client = new HttpClient(handler) { BaseAddress = peer.Client.BaseAddress };

        var message = await client.ReadEventStreamAsync("/", new() { Reconnect = EventStreamClientReconnect.Never }).SingleAsync();

        message.Data.Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_WithTheEncodingIdentity_IsRead()
    {
        await using var peer = await Peer.StartAsync(
            Peer.Status(200, "data: a\n\n", "text/event-stream", answer => answer.Headers.ContentEncoding = "identity"));

        (await peer.ReadToEndAsync()).Should().ContainSingle();
    }

    /// <summary>There the body of such an answer is plain text: <c>fetch</c> has decoded it.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData(true, null)]
    [InlineData(false, "gzip")]
    public async Task Encoding_ThatTheHeadersName_IsDoneWithInABrowser(bool isInBrowser, string? encoding)
    {
        using var answer = new HttpResponseMessage { Content = new StringContent("data: a\n\n") };
        answer.Content.Headers.ContentEncoding.Add("gzip");

        StreamAnswer.EncodingOf(answer, isInBrowser).Should().Be(encoding);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true, "text/event-stream", "text/event-stream")]
    [InlineData(true, "text/html", "text/event-stream; charset=utf-8")]
    [InlineData(true, "text/event-stream", "*/*")]
    [InlineData(true, "text/event-stream", "bogus")]
    [InlineData(false, "text/event-stream", "text/html")]
    public async Task Answer_OfSeveralTypes_IsOfTheLastOne(bool isStream, params string[] types)
    {
        await using var peer = await Peer.StartAsync(Peer.Status(200, "data: a\n\n", change: answer => answer.Headers.ContentType = types));

        if (isStream) (await peer.ReadToEndAsync()).Should().ContainSingle();
        else (await FailureAsync(peer)).Message.Should().Contain("was answered by 200 OK with 'text/event-stream, text/html'; an event");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_204WithABody_EndsTheReading()
    {
        var body = new StringContent("data: a\n\n");
        var handler = new ScriptedHandler(ScriptedHandler.Content(body, HttpStatusCode.NoContent), ScriptedHandler.Stream("data: b\n\n"));

        (await handler.Client.ReadEventStreamAsync("/").CountAsync()).Should().Be(0);

        handler.Positions.Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("30", 30)]
    [InlineData(" 30 ", 30)]
    [InlineData("99999999999", 24 * 60 * 60)]
    [InlineData("99999999999999999999999999", 24 * 60 * 60)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 24 * 60 * 60)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 1)]
    [InlineData("-5", 1)]
    [InlineData("0", 1)]
    [InlineData("1.5", 1)]
    [InlineData("soon", 1)]
    [InlineData("", 1)]
    public async Task RetryAfter_OfARefusal_IsTheLeastWaitAndADayAtMost(string value, double seconds)
    {
        await using var peer = await Peer.StartAsync(Peer.Status(503, change: answer => answer.Headers.RetryAfter = value));
        TimeSpan? delay = null;

        var reading = peer.ReadToEndAsync(new()
        {
            ReconnectDelay = TimeSpan.FromSeconds(1),
            ShouldRetry = _ => true,
            OnRetrying = retrying =>
            {
                delay ??= retrying.Delay;
                throw new OperationCanceledException();
            },
        });

        await reading.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(seconds))
            .And.BeLessThan(TimeSpan.FromSeconds(seconds * 1.51))
            .And.BeLessThanOrEqualTo(TimeSpan.FromDays(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_RefusalThatIsWorthAnotherAttempt_WaitsAsLongAsItAsks()
    {
        List<EventStreamClientRetrying> retries = [];
        await using var peer = await Peer.StartAsync(
            Peer.Status(503, "restarting", change: answer => answer.Headers.RetryAfter = "30"), Peer.Stream("data: a\n\n"));

        var events = await peer.ReadToEndAsync(
            new() { ShouldRetry = status => status == HttpStatusCode.ServiceUnavailable, OnRetrying = retries.Add });

        events.Should().ContainSingle();
        retries[0].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30)).And.BeLessThan(TimeSpan.FromSeconds(45));
        retries[0].Error.Should().BeOfType<HttpRequestException>().Which.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    private static Func<HttpContext, Task> Compressed(string encoding) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.ContentEncoding = encoding;
        await using var body = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await body.WriteAsync(Encoding.UTF8.GetBytes("data: a\n\n"));
    };

    private static async Task<EventStreamClientException> FailureAsync(Peer peer) =>
        (await peer.Invoking(each => each.ReadToEndAsync(new() { IdleTimeout = TimeSpan.FromHours(1) }, passes: () => true))
            .Should().ThrowAsync<EventStreamClientException>()).Which;
}
