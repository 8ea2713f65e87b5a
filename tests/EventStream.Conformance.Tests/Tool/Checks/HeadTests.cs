using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks that look at the head of a response.</summary>
public sealed class HeadTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("200 OK", "text/event-stream", "Pass", "200, Content-Type: text/event-stream")]
    [InlineData("200 OK", "text/event-stream;charset=UTF-8", "Pass", "200, Content-Type: text/event-stream;charset=UTF-8")]
    [InlineData("200 OK", "text/event-stream; charset=windows-1252", "Lack", "200, Content-Type: text/event-stream; charset=windows-1252")]
    [InlineData("200 OK", "Text/Event-Stream", "Lack", "200, Content-Type: Text/Event-Stream")]
    [InlineData("200 OK", "text/plain", "Lack", "200, Content-Type: text/plain")]
    [InlineData("404 Not Found", "text/event-stream", "Lack", "404, Content-Type: text/event-stream")]
    public async Task Status_OfAStream_IsExact(string status, string type, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new Status(), exchange => exchange.SendAsync($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: 0\r\n\r\n"));

        outcome.Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));
    }

    [Fact(Timeout = 30_000)]
    public async Task Status_NoType_IsSaid()
    {
        var outcome = await Asked.ByAsync(new Status(), exchange => exchange.SendAsync("HTTP/1.1 200 OK\r\n\r\n"));

        outcome.Should().Be(Outcome.Lack("200, no Content-Type"));
    }

    [Fact(Timeout = 30_000)]
    public async Task AnyCheck_ServerSendsNothing_IsALack()
    {
        var outcome = await Asked.ByAsync(new Status(), exchange => exchange.LeftAsync(), Asked.Brief);

        outcome.Should().Be(Outcome.Lack("nothing came within 300 ms of the request, not even headers"));
    }

    [Fact(Timeout = 30_000)]
    public async Task AnyCheck_ServerSpeaksNoHttp_IsALack()
    {
        var outcome = await Asked.ByAsync(new Status(), exchange => exchange.SendAsync("hello\r\n"));

        outcome.Should().Be(Outcome.Lack("the response is not HTTP/1.1: a first line that is not HTTP/1.1: 'hello'"));
    }

    [Fact(Timeout = 30_000)]
    public async Task AnyCheck_ServerHangsUp_IsALack()
    {
        var outcome = await Asked.ByAsync(new Status(), _ => Task.CompletedTask);

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().StartWith("the connection failed: ");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("200 OK", "Pass")]
    [InlineData("503 Service Unavailable", "Lack")]
    public async Task HeadersAtOnce_NoMessageYet_StatusDecides(string status, string verdict)
    {
        var outcome = await Asked.ByAsync(new HeadersAtOnce(), async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\n\r\n");
            await exchange.LeftAsync();
        });

        outcome.Verdict.ToString().Should().Be(verdict);
        outcome.Seen.Should().StartWith(status[..3]);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Cache-Control: no-cache, No-Store\r\n", "Pass")]
    [InlineData("Cache-Control: no-cache\r\n", "Lack")]
    [InlineData("Cache-Control: not-no-store\r\n", "Lack")]
    [InlineData("", "Lack")]
    public async Task NotStored_CacheControl_HasNoStore(string headers, string verdict)
    {
        var outcome = await Asked.ByAsync(
            new NotStored(), exchange => exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}\r\n"));

        outcome.Verdict.ToString().Should().Be(verdict);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("X-Accel-Buffering: no\r\nCache-Control: no-transform\r\n", "Pass")]
    [InlineData("X-Accel-Buffering: yes\r\nCache-Control: no-transform\r\n", "Lack")]
    [InlineData("X-Accel-Buffering: no\r\nCache-Control: no-store\r\n", "Lack")]
    [InlineData("Cache-Control: no-transform\r\n", "Lack")]
    public async Task NotHeldBack_Headers_NeedBoth(string headers, string verdict)
    {
        var outcome = await Asked.ByAsync(
            new NotHeldBack(), exchange => exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}\r\n"));

        outcome.Verdict.ToString().Should().Be(verdict);
    }
}
