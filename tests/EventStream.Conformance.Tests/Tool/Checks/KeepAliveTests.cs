using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool.Checks;

public sealed class KeepAliveTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(":\n", "Pass", "^':' after .+, a comment that is no event$")]
    [InlineData(": ping\n", "Pass", "^': ping' after .+, a comment that is no event$")]
    [InlineData("event: ping\ndata: \n\n", "Pass", "^an event 'ping' after ")]
    [InlineData(":\n\n", "Lack", "^':' after .+, and a blank line, at which some clients raise an empty event$")]
    [InlineData("data: ping\n\n", "Lack", "^an event of the default type after ")]
    public async Task Silence_SignsOfLife_FormIsJudged(string sign, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new KeepAlive(), exchange => RepeatAsync(exchange, sign), new Limits { KeepAlive = TimeSpan.FromSeconds(10) });

        outcome.Verdict.ToString().Should().Be(verdict);
        outcome.Seen.Should().MatchRegex(seen);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData(": welcome\n")]
    [InlineData(": welcome\n\nevent: hello\ndata: you\n\nretry: 5\n")]
    public async Task Silence_NothingAfterAGreeting_IsALack(string greeting) =>
        (await Asked.ByAsync(new KeepAlive(), exchange => exchange.StreamAsync(greeting), Asked.Brief))
            .Should().Be(Outcome.Lack("nothing came within 300 ms of silence"));

    [Fact(Timeout = 30_000)]
    public async Task Silence_TheStreamEnds_IsALack()
    {
        var outcome = await Asked.ByAsync(new KeepAlive(), exchange => exchange.StreamAndEndAsync(": welcome\n"));

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().MatchRegex("^the stream ended after .+ of silence$");
    }

    // Without a pause: the check passes over those that follow the first too closely.
    private static async Task RepeatAsync(ScriptedExchange exchange, string sign)
    {
        await exchange.SendAsync(ScriptedExchange.StreamHead);
        while (true) await exchange.ChunkAsync(sign);
    }
}
