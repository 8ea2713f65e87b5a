namespace EventStream.Conformance.Tests.Tool.Subjects;

/// <summary>The tool on a server that uses <c>Results.EventStream</c> and channels.</summary>
[Trait("Category", "Linux")]
public sealed class EventStreamTests(EventStreamTests.Server server) : IClassFixture<EventStreamTests.Server>
{
    private const int Checks = 25;

    [Fact(Timeout = 30_000)]
    public void Report_OfThisLibrary_NothingLacksAndNothingIsSkipped()
    {
        server.Findings.Should().HaveCount(Checks).And.OnlyContain(finding => finding.Value.Verdict == "pass");
        server.ExitCode.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("status", "^200, Content-Type: text/event-stream$")]
    [InlineData("headers at once", "^200 after .+, with no message ready$")]
    [InlineData("keep-alive", "^':' after .+, a comment that is no event$")]
    [InlineData("resume", "^after [^ ]+ came [^ ]+, [^ ]+, [^ ]+, as before$")]
    [InlineData(
        "gap", "^one that makes no sense, one that was not given out yet, one of 1000 characters: announced by an event 'stream-gap'$")]
    [InlineData("gap after eviction", "^[^ ]+, 50 messages later: announced by an event 'stream-gap'$")]
    [InlineData("204 after the end", @"^to Last-Event-ID: 5\.end it answered 204$")]
    [InlineData("HEAD", "^200 with the headers of a stream, and no body$")]
    [InlineData("comment", "^': hello'$")]
    [InlineData("id only", "^id 7, and no event$")]
    [InlineData("stalled reader", "then the connection was cut$")]
    [InlineData("shutdown", "^it ended .+ after SIGTERM, with 3 open streams, each ended cleanly$")]
    public void Report_OfThisLibrary_ReportsWhatWasSeen(string check, string seen) => server.Findings[check].Seen.Should().MatchRegex(seen);

    /// <summary>What passes waits for no limit, so these are long; but a reader pauses for three times the write timeout.</summary>
    public sealed class Server() : Examined(
        "eventstream",
        "--numbered",
        "/numbers",
        "--evicting",
        "/few",
        "--headers",
        "10s",
        "--message",
        "10s",
        "--keep-alive",
        "10s",
        "--left",
        "10s",
        "--shutdown",
        "5s",
        "--stall",
        "3s");
}
