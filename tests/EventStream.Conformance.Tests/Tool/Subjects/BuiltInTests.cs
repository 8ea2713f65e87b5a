namespace EventStream.Conformance.Tests.Tool.Subjects;

/// <summary>The tool on a server that uses <c>TypedResults.ServerSentEvents</c> of the framework.</summary>
[Trait("Category", "Linux")]
public sealed class BuiltInTests(BuiltInTests.Server server) : IClassFixture<BuiltInTests.Server>
{
    [Theory(Timeout = 30_000)]
    [InlineData("headers at once", "^nothing came within 2 s of the request, not even headers$")]
    [InlineData("keep-alive", "^nothing came within 1 s of silence$")]
    [InlineData("resume", "^after 1 it began with 1 again, where 2, 3, 4 had followed: the position was not read$")]
    [InlineData(
        "gap",
        "^one that makes no sense, one that was not given out yet, one of 1000 characters: ignored, the first event was 'message' with id "
        + "1, as if nothing were missing$")]
    [InlineData(
        "gap after eviction", "^1, 50 messages later: ignored, the first event was 'message' with id 1, as if nothing were missing$")]
    [InlineData("204 after the end", "^to Last-Event-ID: 5 it answered 200, and the stream continued with id 1$")]
    [InlineData("shutdown", "^still running 5 s after SIGTERM, with 3 open streams; it was killed$")]
    [InlineData("leave /leave/text", "^the source still ran 2 s after the client left$")]
    [InlineData("leave /leave/values", "^the source still ran 2 s after the client left$")]
    [InlineData("stalled reader", "^when it read again after 2 s, the stream continued as if nothing was missing")]
    [InlineData("hostile ids", "^NUL went out, for which every browser ignores the id; ")]
    [InlineData(
        "app's cache",
        "^while the first client's stream was open, a second had not even headers after 2 s; "
        + "the second client received a stored stream .*; a third, after the end, received a stored stream")]
    [InlineData("comment", "^no comment; the first that came was an event with data ': hello'$")]
    [InlineData("id only", "^no id alone; the first that came was an event with id 7 and data ''$")]
    [InlineData("broadcast", @"^of 10 messages one client got (\d+), the other (\d+)$")]
    [InlineData("not held back", "^no X-Accel-Buffering, Cache-Control: no-cache,no-store$")]
    public void Report_OfTheBuiltIn_LackAndWhatWasSeen(string check, string seen)
    {
        server.Findings[check].Verdict.Should().Be("lack");
        server.Findings[check].Seen.Should().MatchRegex(seen);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("status")]
    [InlineData("not stored")]
    [InlineData("framing")]
    [InlineData("clean end")]
    [InlineData("fault")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("compression")]
    [InlineData("leave /leave/items")]
    public void Report_OfTheBuiltIn_PassesWhatItDoesWell(string check) => server.Findings[check].Verdict.Should().Be("pass");

    [Fact(Timeout = 30_000)]
    public void Report_OfTheBuiltIn_HasNothingElse()
    {
        server.NamesOf("lack").Should().HaveCount(16);
        server.NamesOf("pass").Should().HaveCount(9);
        server.NamesOf("skip").Should().BeEmpty();
        server.ExitCode.Should().Be(1);
    }

    /// <summary>What lacks waits for its limit, so these are short.</summary>
    public sealed class Server() : Examined(
        "built-in",
        "--numbered",
        "/",
        "--evicting",
        "/",
        "--headers",
        "2s",
        "--message",
        "5s",
        "--keep-alive",
        "1s",
        "--left",
        "2s",
        "--shutdown",
        "5s",
        "--stall",
        "2s");
}
