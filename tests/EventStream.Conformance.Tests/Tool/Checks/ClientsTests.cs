using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks of clients that are several, that leave, or that stand still.</summary>
public sealed class ClientsTests
{
    [Fact(Timeout = 30_000)]
    public async Task Broadcast_PublishingFails_IsALack()
    {
        var outcome = await Asked.ByAsync(
            new Broadcast(), exchange => exchange.Method == "POST" ? exchange.AnswerAsync("403 Forbidden") : exchange.StreamAsync(":\n"));

        outcome.Should().Be(Outcome.Lack("/publish answered POST with 403"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Broadcast_NoClientGetsAnything_IsALack()
    {
        var outcome = await Asked.ByAsync(
            new Broadcast(), exchange => exchange.Method == "POST"
                ? exchange.AnswerAsync("200 OK")
                : exchange.StreamAsync("data: other\n\n"), Asked.Patient);

        outcome.Should().Be(Outcome.Lack("of 10 messages one client got 0, the other 0"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("3", "^/sources stayed at 3 when a client came")]
    [InlineData("many", "^/sources answered 'many', and a number was expected$")]
    public async Task Leave_TheCountReportsNothing_IsALack(string count, string seen)
    {
        await using var server = new ScriptedServer(
            exchange => exchange.Target == "/sources" ? exchange.AnswerAsync("200 OK", count) : exchange.StreamAsync(":\n"));

        var outcome = await LeaveAsync(server, Asked.Patient);

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().MatchRegex(seen);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true, "Pass", "^the source had ended .+ after the client left$")]
    [InlineData(false, "Lack", "^the source still ran 300 ms after the client left$")]
    public async Task Leave_TheSourceEndsOrNot_CountDecides(bool ends, string verdict, string seen)
    {
        // Another one runs all the time.
        var running = 1;
        await using var server = new ScriptedServer(async exchange =>
        {
            if (exchange.Target == "/sources")
            {
                await exchange.AnswerAsync("200 OK", $"{Volatile.Read(ref running)}\n");
                return;
            }

            Interlocked.Increment(ref running);
            await exchange.StreamAsync(":\n");
            if (ends) Interlocked.Decrement(ref running);
        });

        var outcome = await LeaveAsync(server, ends ? new() : Asked.Patient);

        outcome.Verdict.ToString().Should().Be(verdict);
        outcome.Seen.Should().MatchRegex(seen);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stall_TheStreamIsShort_IsNoFlood()
    {
        var outcome = await Asked.ByAsync(new Stall(), exchange => exchange.StreamAndEndAsync("data: a\n\n"), Asked.Patient);

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().Contain("the stream ended as if it were finished");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stall_TheServerCuts_Passes()
    {
        var outcome = await Asked.ByAsync(
            new Stall(),
            async exchange =>
            {
                await exchange.SendAsync(ScriptedExchange.StreamHead);
                await exchange.ChunkAsync($"data: {new string('a', 16 * 1024)}\n\n");
            },
            Asked.Patient);

        outcome.Should().Be(Outcome.Pass("when it read again after 300 ms, 16 KiB were left, then the connection was cut"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Stall_CutBeforeThereWasAFlood_IsALack()
    {
        var outcome = await Asked.ByAsync(
            new Stall(),
            async exchange =>
            {
                await exchange.SendAsync(ScriptedExchange.StreamHead);
                await exchange.ChunkAsync("data: a\n\n");
            },
            Asked.Patient);

        outcome.Should().Be(Outcome.Lack(
            "when it read again after 300 ms, 9 bytes were left, then the connection was cut: that was no flood"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Stall_TheServerWaits_IsALack()
    {
        var outcome = await Asked.ByAsync(new Stall(), exchange => exchange.StreamAsync("data: a\n\n"), Asked.Patient);

        outcome.Should().Be(Outcome.Lack("when it read again after 300 ms, the stream continued as if nothing was missing (0 KiB)"));
    }

    private static async Task<Outcome> LeaveAsync(ScriptedServer server, Limits limits)
    {
        var settings = new Settings(server.Address)
        {
            Endpoints = [new(Role.Leave, new(server.Address, "/leave")), new(Role.Sources, new(server.Address, "/sources"))],
            Limits = limits,
        };
        using var subject = new Servers.Subject(settings, null);
        return (await new Leave(settings.The(Role.Leave)).ExamineAsync(subject).OrFail("the verdict")).Outcome;
    }
}
