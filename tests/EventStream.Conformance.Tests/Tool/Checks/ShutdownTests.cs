using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Tests.Tool.Subjects;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>A process that ends at once on SIGTERM, and streams, given by the test, that it might have had.</summary>
[Trait("Category", "Linux")]
public sealed class ShutdownTests : IDisposable
{
    private readonly string _started = Path.GetTempFileName();

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_StreamsEndCleanly_Passes()
    {
        var outcome = await ShutDownAsync(exchange => exchange.StreamAndEndAsync("retry: 5\n"));

        outcome.Verdict.Should().Be(Verdict.Pass);
        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, each ended cleanly$");
    }

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_StreamsAreCut_IsALack()
    {
        var outcome = await ShutDownAsync(exchange => exchange.SendAsync(ScriptedExchange.StreamHead));

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, of which 3 did not end cleanly$");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n")]
    [InlineData("retry: 5")]
    public async Task Shutdown_StreamsEndInsideAMessage_IsALack(string text)
    {
        var outcome = await ShutDownAsync(exchange => exchange.StreamAndEndAsync(text));

        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, of which 3 did not end cleanly$");
    }

    public void Dispose() => File.Delete(_started);

    private async Task<Outcome> ShutDownAsync(Func<ScriptedExchange, Task> script)
    {
        var port = FreePort.Find();
        var settings = new Settings(new($"http://127.0.0.1:{port}/"));
        var starting = StartedServer.StartAsync($"sh -c 'echo started > {_started}; exec sleep 60'", settings.Stream, Soon.Limit);

        // It refuses a server that is there before the process.
        await Soon.Until(() => new FileInfo(_started).Length > 0, "the process has started");
        await using var server = new ScriptedServer(script, port);
        using var process = await starting.OrFail("the process and its server");
        using var subject = new Subject(settings, process);
        return (await new Shutdown().ExamineAsync(subject).OrFail("the verdict")).Outcome;
    }
}
