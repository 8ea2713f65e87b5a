using System.Net;
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
            $"GET {peer.Client.BaseAddress} was answered by 200 OK with 'text/html'; an event stream is 200 with 'text/event-stream'. The body begins: <h1>Log in</h1>");
        failure.StatusCode.Should().Be(HttpStatusCode.OK);
        peer.Requests.Should().ContainSingle("another attempt would bring the same");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_OfAnotherTypeThatDoesNotEnd_FailsAllTheSame()
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
    public async Task Answer_OfAnotherStatus_FailsAndSaysWhich(int status)
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
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Answer_Redirect_IsFollowedWithThePosition(int status)
    {
        await using var peer = await Peer.StartAsync(Peer.Status(status, change: answer => answer.Headers.Location = "/elsewhere"), Peer.Stream("data: a\n\n"));

        var events = await peer.ReadToEndAsync(new() { LastEventId = "9" });

        events.Should().ContainSingle().Which.Data.Should().Be("a");
        peer.Requests.Take(2).Should().OnlyContain(request => request["Last-Event-ID"] == "9" && request["Accept"] == "text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_RefusalThatIsWorthAnotherAttempt_WaitsAsLongAsItAsks()
    {
        List<StreamRetrying> retries = [];
        await using var peer = await Peer.StartAsync(
            Peer.Status(503, "restarting", change: answer => answer.Headers.RetryAfter = "30"), Peer.Stream("data: a\n\n"));

        var events = await peer.ReadToEndAsync(new() { ShouldRetry = status => status == HttpStatusCode.ServiceUnavailable, OnRetrying = retries.Add });

        events.Should().ContainSingle();
        retries[0].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30)).And.BeLessThan(TimeSpan.FromSeconds(45));
        retries[0].Error.Should().BeOfType<HttpRequestException>().Which.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    private static async Task<EventStreamException> FailureAsync(Peer peer) =>
        (await peer.Invoking(each => each.ReadToEndAsync(new() { IdleTimeout = TimeSpan.FromHours(1) }, passes: () => true)).Should().ThrowAsync<EventStreamException>()).Which;
}
