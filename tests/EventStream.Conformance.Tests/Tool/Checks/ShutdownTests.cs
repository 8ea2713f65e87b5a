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
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_StreamsEndCleanly_Passes()
    {
        var outcome = await ShutDownAsync(exchange => EndAsync(exchange, "retry: 5\n"));

        outcome.Verdict.Should().Be(Verdict.Pass);
        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, each ended cleanly$");
    }

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_StreamsAreCut_IsALack()
    {
        var outcome = await ShutDownAsync(async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            await _ended.Task;
        });

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, of which 3 did not end cleanly$");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n")]
    [InlineData("retry: 5")]
    public async Task Shutdown_StreamsEndInsideAMessage_IsALack(string text)
    {
        var outcome = await ShutDownAsync(exchange => EndAsync(exchange, text));

        outcome.Seen.Should().MatchRegex("^it ended .+ after SIGTERM, with 3 open streams, of which 3 did not end cleanly$");
    }

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_StreamsHadEndedBefore_IsSkipped()
    {
        var outcome = await ShutDownAsync(exchange => exchange.StreamAndEndAsync("data: a\n\n"));

        outcome.Should().Be(Outcome.Skip("a stream had ended before SIGTERM: give --silent <url> of one that stays open"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Shutdown_NoStreamOpens_IsALack()
    {
        var outcome = await ShutDownAsync(exchange => exchange.AnswerAsync("404 Not Found"));

        outcome.Should().Be(Outcome.Lack("/ answered GET with 404, where a stream was expected"));
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
        var ending = EndWithAsync(process);
        using var subject = new Subject(settings, process);
        var finding = await new Shutdown().ExamineAsync(subject).OrFail("the verdict");
        process.Terminate();
        await ending.OrFail("the end of the process");
        return finding.Outcome;
    }

    private async Task EndWithAsync(StartedServer process)
    {
        await process.HasEndedAsync(Soon.Limit);
        _ended.SetResult();
    }

    // Like a server that ends its streams when it gets the signal to stop.
    private async Task EndAsync(ScriptedExchange exchange, string text)
    {
        await exchange.SendAsync(ScriptedExchange.StreamHead);
        await _ended.Task;
        await exchange.ChunkAsync(text);
        await exchange.EndAsync();
    }
}
