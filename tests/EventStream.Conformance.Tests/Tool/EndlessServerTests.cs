using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>Every check of a server that answers everything with the same bytes, without an end.</summary>
public sealed class EndlessServerTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("")]
    [InlineData(":\n")]
    [InlineData("x")]
    [InlineData("\n")]
    public async Task EveryCheck_OfTheSameBytesWithoutEnd_ComesToAVerdictAndNoneIsFalse(string chunk)
    {
        await using var server = new ScriptedServer(exchange =>
            chunk.Length == 0 ? exchange.LeftAsync() : HostileServer.RepeatAsync(exchange, chunk));
        var settings = new Settings(server.Address)
        {
            Endpoints = Role.All.Select(role => KeyValuePair.Create(role, server.Address)),
            Limits = Asked.Brief,
        };
        using var subject = new Subject(settings, null);
        var passed = new List<string>();

        foreach (var check in Examination.Checks(settings))
        {
            var finding = await check.ExamineAsync(subject).OrFail($"the verdict on '{check.Name}'");
            if (finding.Outcome.Verdict == Verdict.Pass) passed.Add(finding.Name);
        }

        passed.Should().BeSubsetOf(chunk switch
        {
            "" => [],
            ":\n" => ["status", "headers at once", "keep-alive"],
            _ => ["status", "headers at once"],
        });
    }
}
