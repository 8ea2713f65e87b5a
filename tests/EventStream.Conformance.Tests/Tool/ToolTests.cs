using EventStream.Conformance.Options;
using EventStream.Conformance.Tests.Tool.Subjects;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>The command: what it prints where, and its exit code.</summary>
public sealed class ToolTests
{
    [Fact(Timeout = 30_000)]
    public async Task Help_IsAskedFor_ListsEveryOption()
    {
        var run = await RunAsync("--silent", "/s", "--help");

        run.ExitCode.Should().Be(0);
        run.Output.Should().ContainAll(Role.All.Select(role => $"\n  {role.Option} <url> "));
        run.Output.Should().ContainAll(Limit.All.Select(limit => $"\n  {limit.Option} <time> "));
        run.Output.Should().ContainAll("--start", "--header", "--json", "(45 s)");
        run.Error.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Usage_IsWrong_NamesWhatToGiveAndIsTwo()
    {
        var run = await RunAsync("--json");

        run.Should().Be(
            new Run(
                2, "", "Give the address of a stream: sse-conformance http://localhost:5000/events. --help lists the options.\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Server_NoServerListens_ReportsItAndIsTwo()
    {
        var port = FreePort.Find();

        var run = await RunAsync($"http://127.0.0.1:{port}/");

        run.Should().Be(new Run(2, "", $"Nothing listens at 127.0.0.1:{port}. Start the server first, or give --start <command>.\n"));
    }

    [Fact(Timeout = 30_000)]
    [Trait("Category", "Linux")]
    public async Task Start_TheServerEndsAtOnce_ReportsWhatItSaidAndIsTwo()
    {
        var port = FreePort.Find();

        var run = await RunAsync($"http://127.0.0.1:{port}/", "--start", "sh -c 'echo the port is bad; exit 3'");

        run.ExitCode.Should().Be(2);
        run.Error.Should().Be(
            $"The server of --start ended with exit code 3 before it listened at 127.0.0.1:{port}. It said last:\n  the port is bad\n");
    }

    [Fact(Timeout = 30_000)]
    [Trait("Category", "Linux")]
    public async Task Start_TheServerNeverListens_IsEndedAndIsTwo()
    {
        var port = FreePort.Find();

        var run = await RunAsync($"http://127.0.0.1:{port}/", "--start", "sleep 60", "--ready", "200ms");

        run.ExitCode.Should().Be(2);
        run.Error.Should().Be($"The server of --start does not listen at 127.0.0.1:{port} after 200 ms; --ready gives it longer.\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_SomethingListensAlready_IsTwo()
    {
        await using var server = new ScriptedServer(_ => Task.CompletedTask);

        var run = await RunAsync(server.Address.ToString(), "--start", "sleep 60");

        run.ExitCode.Should().Be(2);
        run.Error.Should().StartWith($"Something listens at {server.Address.Authority} already.");
    }

    [Fact(Timeout = 30_000)]
    public async Task Url_Alone_ExaminesWhatOneStreamShowsAndNamesTheOptionOfEverySkip()
    {
        await using var server = new ScriptedServer(exchange => exchange.Method == "HEAD"
            ? exchange.SendAsync("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n")
            : AnswerAsync(exchange));

        var run = await RunAsync(server.Address.ToString());

        run.Output.Should().EndWith("\n6 passed, 0 lacking, 17 skipped\n");
        run.Output.Split('\n').Where(line => line.StartsWith("skip", StringComparison.Ordinal))
            .Should().OnlyContain(line => line.Contains(" give --", StringComparison.Ordinal));
        run.Output.Should().ContainAll(Role.All.Select(role => $"{role.Option} <url>: {role.What}")).And.Contain("give --start <command>");
        run.ExitCode.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_IsGiven_GoesWithEveryRequest()
    {
        var heads = new System.Collections.Concurrent.ConcurrentBag<IReadOnlyList<string>>();
        await using var server = new ScriptedServer(exchange =>
        {
            heads.Add(exchange.Head);
            return exchange.AnswerAsync("401 Unauthorized");
        });

        var run = await RunAsync(
            server.Address.ToString(), "--header", "Authorization: Bearer of-this-test", "--sources", "/sources", "--leave", "/leave");

        heads.Should().NotBeEmpty().And.OnlyContain(head => head.Contains("Authorization: Bearer of-this-test"));
        heads.Select(head => head[0]).Should().Contain(["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET /sources HTTP/1.1"]);
        run.ExitCode.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Tls_ServerHasNone_IsALackOfEachCheck()
    {
        await using var server = new ScriptedServer(exchange => exchange.AnswerAsync("200 OK"));

        var run = await RunAsync($"https://{server.Address.Authority}/");

        run.Output.Should().MatchRegex("LACK  status +the connection failed: TLS failed: ");
        run.ExitCode.Should().Be(1);
    }

    private static async Task AnswerAsync(ScriptedExchange exchange)
    {
        await exchange.SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n");
        await exchange.ChunkAsync("data: a\n\n");
        await exchange.EndAsync();
    }

    private static async Task<Run> RunAsync(params string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await Conformance.Tool.RunAsync(words, output, error).OrFail("the exit code");
        return new(exitCode, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    private sealed record Run(int ExitCode, string Output, string Error);
}
