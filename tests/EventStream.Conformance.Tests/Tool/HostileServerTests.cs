using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>Servers without an end, and answers that are none.</summary>
/// <remarks>Each check comes to a verdict in time, names what is wrong, and passes for nothing.</remarks>
public sealed class HostileServerTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string Type = "Content-Type: text/event-stream\r\n";
    private const string Head = ScriptedExchange.StreamHead;
    private const string NoStream = ", where a stream was expected";

    private static readonly string Long = new('x', 5000);

    private static readonly Row[] Rows =
    [
        // The head.
        new(
            "headers that drip",
            new Framing(),
            e => HostileServer.RepeatRawAsync(e, Ok + "X: ", "x"),
            "^the response is not HTTP/1.1: a line of HTTP that does not end: 'X: x+…'$"),
        new(
            "headers that stop",
            new Framing(),
            e => HostileServer.StopAsync(e, Ok),
            "^the headers did not end within 1 s of the request; 17 bytes came$"),
        new(
            "endless headers",
            new Status(),
            e => HostileServer.RepeatRawAsync(e, Ok, "X: 1\r\n"),
            "^the response is not HTTP/1.1: headers that do not end: after 256 came 'X: 1'$"),
        new(
            "endless interim answers",
            new Status(),
            e => HostileServer.RepeatRawAsync(e, "", "HTTP/1.1 103 Early Hints\r\n\r\n"),
            "^the response is not HTTP/1.1: 16 interim responses, "),
        new(
            "headers cut short",
            new Status(),
            e => e.SendAsync(Ok),
            "^the connection failed: it was closed in the middle of the response$"),
        new(
            "an alert of TLS",
            new Status(),
            e => e.SendAsync([0x15, 3, 1, 0, 2, 2, 40]),
            "^the connection failed: it was closed in the middle of the response$"),
        new(
            "a length that is none",
            new Framing(),
            e => e.SendAsync(Ok + Type + "Content-Length: many\r\n\r\n"),
            "^the response is not HTTP/1.1: a Content-Length that is no number: 'many'$"),
        new(
            "another type",
            new Framing(),
            e => e.SendAsync(Ok + "Content-Type: text/html\r\n\r\ndata: a\n\n"),
            $"^/ answered GET with 200, text/html{NoStream}$"),
        new(
            "no type",
            new Resume(),
            e => e.SendAsync(Ok + "\r\nid: 1\ndata: a\n\n"),
            $"^/numbered answered GET with 200, no Content-Type{NoStream}$"),
        new(
            "compressed unasked",
            new Framing(),
            e => e.SendAsync(Ok + Type + "Content-Encoding: gzip\r\n\r\n"),
            $"^/ answered GET with 200, Content-Encoding: gzip, which was not asked for{NoStream}$"),
        new(
            "a redirect to itself",
            new Framing(),
            e => e.SendAsync("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"),
            $"^/ answered GET with 302 to /{NoStream}$"),
        new(
            "a redirect, to a status",
            new Status(),
            e => e.SendAsync("HTTP/1.1 307 Temporary Redirect\r\nLocation: /new\r\n\r\n"),
            "^307 to /new, no Content-Type$"),
        new(
            "a redirect, compressed",
            new Compression(),
            e => e.SendAsync("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
            $"^/ answered 302{NoStream}$"),
        new(
            "another type, to compression",
            new Compression(),
            e => e.SendAsync(Ok + "Content-Type: text/html\r\n\r\ndata: a\n\n"),
            $"^/ answered 200, text/html{NoStream}$"),
        new(
            "an error that is not stored",
            new NotStored(),
            e => e.AnswerAsync("500 Oh\r\nCache-Control: no-store"),
            $"^/ answered GET with 500{NoStream}$"),
        new(
            "an error that is not held back",
            new NotHeldBack(),
            e => e.AnswerAsync("500 Oh\r\nX-Accel-Buffering: no\r\nCache-Control: no-transform"),
            $"^/ answered GET with 500{NoStream}$"),

        // The chunks.
        new(
            "a malformed size",
            new Framing(),
            e => e.SendAsync(Head + "zz\r\n"),
            "^the response is not HTTP/1.1: a chunk whose size is 'zz'$"),
        new(
            "a malformed size, to each",
            new Resume(),
            e => e.SendAsync(Head + "zz\r\n"),
            "^the response is not HTTP/1.1: a chunk whose size is 'zz'$"),
        new(
            "a malformed size, in silence",
            new KeepAlive(),
            e => HostileServer.StopAsync(e, Head + "zz\r\n"),
            "^the response is not HTTP/1.1: a chunk whose size is 'zz'$"),
        new(
            "a malformed size, at the end",
            new CleanEnd(),
            e => e.SendAsync(Head + "9\r\ndata: a\n\n\r\nzz\r\n"),
            "^the response is not HTTP/1.1: a chunk whose size is 'zz'$"),
        new(
            "an endless extension",
            new Framing(),
            e => HostileServer.RepeatRawAsync(e, Head + "5;", "a=b;"),
            "^the response is not HTTP/1.1: a line of HTTP that does not end: '5;a=b;"),
        new(
            "endless trailers",
            new CleanEnd(),
            e => HostileServer.RepeatRawAsync(e, Head + "9\r\ndata: a\n\n\r\n0\r\n", "X: 1\r\n"),
            "^the response is not HTTP/1.1: headers that do not end: "),

        // The lines.
        new("nothing but comments", new Framing(), e => HostileServer.RepeatAsync(e, ":\n"), @"^no message came within 1 s, in \d+ lines$"),
        new(
            "nothing but comments, then an end",
            new Framing(),
            e => e.StreamAndEndAsync(":\n:\n"),
            "^the stream ended before a message came, after 2 lines$"),
        new(
            "nothing but retries",
            new Framing(),
            e => HostileServer.RepeatAsync(e, "retry: 1\n\n"),
            @"^no message came within 1 s, in \d+ lines$"),
        new("a line that drips", new Framing(), e => HostileServer.RepeatAsync(e, "x"), "^not one line came within 1 s$"),
        new(
            "an endless line",
            new Framing(),
            e => HostileServer.RepeatAsync(e, new('x', 1 << 20)),
            "^the server sent a line of more than 4 MiB, and the tool reads no further$"),
        new(
            "an endless message",
            new Framing(),
            e => HostileServer.RepeatAsync(e, $"data: {new string('x', 1 << 20)}\n"),
            "^the server sent a message of more than 4 MiB, "),
        new("comments without end", new CommentLine(), e => HostileServer.RepeatAsync(e, ":\n"), "^no comment within 1 s$"),
        new("blank lines without end", new IdOnly(), e => HostileServer.RepeatAsync(e, "\n"), "^no id within 1 s$"),

        // The end.
        new("messages without end", new CleanEnd(), e => HostileServer.RepeatAsync(e, "data: a\n\n"), "^it did not end within 1 s$"),
        new(
            "messages without end, and an id",
            new EndForGood(),
            e => HostileServer.RepeatAsync(e, "id: 1\ndata: a\n\n"),
            "^it did not end within 1 s$"),
        new(
            "a failure that never comes",
            new FaultIsNoEnd(),
            e => HostileServer.RepeatAsync(e, "data: a\n\n"),
            "^it was still open 1 s after its message$"),
        new("an end without a message", new CleanEnd(), e => e.StreamAndEndAsync(":\n"), "^the stream ended before a message came$"),

        // Positions.
        new(
            "a huge id",
            new Resume(),
            e => e.StreamAsync(string.Concat(Enumerable.Range(1, 9).Select(i => $"id: {Long}{i}\ndata: a\n\n"))),
            "^an id of 5001 characters, which no server takes back in Last-Event-ID$"),
        new(
            "a huge id at the end",
            new EndForGood(),
            e => e.StreamAndEndAsync($"id: {Long}\ndata: a\n\n"),
            "^an id of 5000 characters, which no server takes back in Last-Event-ID$"),
        new(
            "one id for all",
            new Resume(),
            e => HostileServer.RepeatAsync(e, "id: 1\ndata: a\n\n"),
            "^two messages have the id 1, so it says nothing of where to resume$"),
        new(
            "hostile ids that hang",
            new HostileIds(),
            e => e.Target.Contains("plain", StringComparison.Ordinal) ? e.StreamAsync("id: plain-1\ndata: a\n\n") : e.LeftAsync(),
            "^nothing came within 1 s of the request, not even headers$"),

        // Bodies that the framework's client reads.
        new(
            "no gzip",
            new Compression(),
            e => e.SendAsync(Ok + Type + "Content-Encoding: gzip\r\n\r\ndata: a\n\ndata: b\n\n"),
            "^Content-Encoding: gzip, and the body is something else$"),
        new(
            "no Brotli",
            new Compression(),
            e => e.SendAsync(Ok + Type + "Content-Encoding: br\r\n\r\ndata: a\n\ndata: b\n\n"),
            "^Content-Encoding: br, and the body is something else$"),
        new(
            "two encodings",
            new Compression(),
            e => e.SendAsync(Ok + Type + "Content-Encoding: gzip, br\r\n\r\n"),
            "^Content-Encoding: gzip, br, which was not asked for$"),
        new(
            "an endless line, perhaps compressed",
            new Compression(),
            e => HostileServer.RepeatAsync(e, new('x', 1 << 20)),
            "^the server sent a line of more than 4 MiB, "),
        new(
            "an endless number",
            new Leave(new("http://localhost/leave")),
            e => HostileServer.RepeatAsync(e, "1"),
            "^/sources answered '1{64}', and a number was expected$"),
        new(
            "a number that stops",
            new Leave(new("http://localhost/leave")),
            e => e.StreamAsync("1"),
            "^/sources did not come to the end of its answer within 1 s$"),
        new(
            "no number",
            new Leave(new("http://localhost/leave")),
            e => e.AnswerAsync("404 Not Found", "0"),
            "^/sources answered 404, and a number was expected$"),

        // HEAD.
        new("a body without a line", new Head(), e => HostileServer.StopAsync(e, Ok + Type + "\r\nd"), "^200 with a body$"),
        new("a body in chunks", new Head(), e => HostileServer.StopAsync(e, Head + "d"), "^200 with a body$"),

        // Other clients.
        new("the second client is refused", new Cache(), SecondIsRefused(), $"^/cached answered GET with 503{NoStream}$"),
        new("nobody is let in", new Broadcast(), e => e.AnswerAsync("503 Busy"), $"^/subscribe answered GET with 503{NoStream}$"),
        new("no flood", new Stall(), e => e.AnswerAsync("404 Not Found"), $"^/flood answered GET with 404{NoStream}$"),
        new("no headers of a flood", new Stall(), HostileServer.NeverAnswerAsync, "^no headers came within 1 s$"),
        new("silence that is an error", new KeepAlive(), e => e.AnswerAsync("404 Not Found"), $"^/silent answered GET with 404{NoStream}$"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Names => Rows.Select(row => new TheoryDataRow<string>(row.Name));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Names))]
    public async Task Check_OfAHostileServer_NamesWhatIsWrong(string name)
    {
        var row = Rows.Single(row => row.Name == name);

        // A limit of a second only where the limit is what the check reports: a busy machine misses it elsewhere.
        var outcome = await Asked.ByAsync(row.Check, row.Script, row.Seen.Contains(" 1 s", StringComparison.Ordinal) ? OneSecond : null);

        outcome.Seen.Should().MatchRegex(row.Seen);
        outcome.Verdict.Should().Be(Verdict.Lack);
    }

    [Fact(Timeout = 30_000)]
    public async Task HeadersAtOnce_TogetherWithAMessage_ReportsNothing()
    {
        var outcome = await Asked.ByAsync(new HeadersAtOnce(), exchange => exchange.StreamAsync("data: a\n\n"));

        outcome.Verdict.Should().Be(Verdict.Skip);
        outcome.Seen.Should().MatchRegex(
            "^200 after .+, together with a message: give --silent <url> of a stream that begins with silence$");
    }

    [Fact(Timeout = 30_000)]
    public async Task Cache_TheStreamDoesNotEnd_ReportsNothing()
    {
        var outcome = await Asked.ByAsync(new Cache(), exchange => exchange.StreamAsync("data: a\n\n"), OneSecond);

        outcome.Should().Be(Outcome.Skip("the stream did not end within 1 s: give --cached <url> of one that ends after a second or two"));
    }

    [Fact(Timeout = 30_000)]
    public async Task EndForGood_TheMarkIsInABlockWithoutData_IsSentBack()
    {
        var outcome = await Asked.ByAsync(new EndForGood(), exchange => exchange.LastEventId == "5.end"
            ? exchange.SendAsync("HTTP/1.1 204 No Content\r\n\r\n")
            : exchange.StreamAndEndAsync("id: 5\ndata: a\n\nid: 5.end\n\n"));

        outcome.Should().Be(Outcome.Pass("to Last-Event-ID: 5.end it answered 204"));
    }

    private static Limits OneSecond
    {
        get
        {
            var second = TimeSpan.FromSeconds(1);
            return new() { Headers = second, Message = second, KeepAlive = second, Leave = second, Stall = TimeSpan.FromMilliseconds(100) };
        }
    }

    private static Func<ScriptedExchange, Task> SecondIsRefused()
    {
        var count = 0;
        return exchange => Interlocked.Increment(ref count) == 1 ? exchange.StreamAsync("data: a\n\n") : exchange.AnswerAsync("503 Busy");
    }

    private sealed record Row(string Name, Check Check, Func<ScriptedExchange, Task> Script, string Seen);
}
