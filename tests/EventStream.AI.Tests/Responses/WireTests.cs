using System.Net;
using EventStream.AspNetCore.Tests.Logs;

namespace EventStream.AI.Tests.Responses;

/// <summary>Whole responses, as their bytes leave the server.</summary>
public sealed class WireTests
{
    private const string Error = "The answer failed.";

    private static readonly HttpClient Http = new();

    public static TheoryData<string, string, string> Endpoints() => new()
    {
        { "/plain/ui", """{"type":"finish","finishReason":"stop"}""", "data: [DONE]\n\n" },
        { "/api/chat", """{"type":"finish","finishReason":"stop"}""", "data: [DONE]\n\n" },
        { "/v1/chat/completions", "\"finish_reason\":\"stop\"}]}", "data: [DONE]\n\n" },
        { "/run/v1/chat/completions", "\"finish_reason\":\"stop\"}]}", "data: [DONE]\n\n" },
        { "/agui", "\"outputTokens\":4,\"totalTokens\":14}]}", "" },
        { "/run/agui", "\"outputTokens\":4,\"totalTokens\":14}]}", "" },
    };

    public static TheoryData<string, string, string> Failures() => new()
    {
        { "/plain/ui", $$"""{"type":"error","errorText":"{{Error}}"}""", "data: [DONE]\n\n" },
        { "/api/chat", $$"""{"type":"error","errorText":"{{Error}}"}""", "data: [DONE]\n\n" },
        { "/v1/chat/completions", "\"type\":\"server_error\",\"param\":null,\"code\":null}}", "data: [DONE]\n\n" },
        { "/run/v1/chat/completions", "\"type\":\"server_error\",\"param\":null,\"code\":null}}", "data: [DONE]\n\n" },
        { "/agui", $$"""{"type":"RUN_ERROR","message":"{{Error}}"}""", "" },
        { "/run/agui", $$"""{"type":"RUN_ERROR","message":"{{Error}}"}""", "" },
    };

    public static TheoryData<string, string, string> RunFailures() =>
        [.. Failures().Where(row => row.Data.Item1 is not ("/plain/ui" or "/v1/chat/completions" or "/agui"))];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Endpoints))]
    public async Task Answer_EndsAsItsProtocolSays(string path, string last, string terminator)
    {
        await using var app = await AnswerApp.StartAsync();

        var body = WithoutIds(await BodyAsync(app, path, "text"));

        body.Should().EndWith($"{last}\n\n{terminator}").And.NotContain("stream-end").And.NotContain("retry");
        Blocks(body).Should().OnlyContain(block => block.StartsWith("data: ", StringComparison.Ordinal) && !block.Contains('\n'));
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Failures))]
    public async Task Answer_ThatFails_EndsCleanlyWithTheProtocolsError(string path, string last, string terminator)
    {
        await using var app = await AnswerApp.StartAsync();

        var body = WithoutIds(await BodyAsync(app, path, "error"));

        body.Should().EndWith($"{last}\n\n{terminator}").And.NotContain("secret").And.NotContain("retry");
        app.Logs.Entries.Where(entry => entry.Exception is AnswerFailedException).Should().NotBeEmpty()
            .And.OnlyContain(entry => entry.Exception!.InnerException!.Message == "secret");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/plain/ui")]
    [InlineData("/v1/chat/completions")]
    [InlineData("/agui")]
    public async Task Answer_ThatFails_IsLoggedOnceAndHasItsErrorOnce(string path)
    {
        await using var app = await AnswerApp.StartAsync();

        var body = await BodyAsync(app, path, "error");

        Blocks(body).Count(block => block.Contains(Error)).Should().Be(1);
        app.Logs.AtLeast(LogLevel.Warning).Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(RunFailures))]
    public async Task Run_OfALogThatFails_EndsOnEveryNodeAfterItsOwnErrorAsItsProtocolSays(string path, string last, string terminator)
    {
        SharedLog log = new();
        await using var owner = await AnswerApp.StartAsync(log);
        await using var other = await AnswerApp.StartAsync(log);
        var first = BodyAsync(owner, path, "held error");
        await owner.Model.Waiting.Task.OrFail();
        using var response = await PostAsync(other, path, "held error", HttpCompletionOption.ResponseHeadersRead);

        owner.Model.Continue();

        foreach (var body in (string[])[await first, await response.Content.ReadAsStringAsync()])
        {
            WithoutIds(body).Should().EndWith($"{last}\n\n{terminator}").And.NotContain("retry").And.NotContain("secret");
            Blocks(body).Count(block => block.Contains(Error)).Should().Be(1);
        }

        other.Model.Count.Should().Be(0);
        owner.Logs.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception.Should().BeOfType<AnswerFailedException>();
        other.Logs.AtLeast(LogLevel.Error).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ThatFails_IsStartedAgainByTheNextRequest()
    {
        await using var app = await AnswerApp.StartAsync();
        await BodyAsync(app, "/run/v1/chat/completions", "error");

        var body = await BodyAsync(app, "/run/v1/chat/completions", "text");

        body.Should().Contain("\"stop\"").And.NotContain("\"error\"");
        app.Logs.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Error);
    }

    [Fact(Timeout = 30_000)]
    public async Task Chat_WithASecondQuestion_GetsAnAnswerOfItsOwn()
    {
        await using var app = await AnswerApp.StartAsync();
        var first = await BodyAsync(app, "/api/chat", "text");

        var second = await BodyAsync(app, "/api/chat", "tool");

        (first.Contains("tool-input"), second.Contains("tool-input")).Should().Be((false, true));
        app.Model.Count.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ThatIsStopped_EndsWithAbort()
    {
        await using var app = await AnswerApp.StartAsync();
        var body = BodyAsync(app, "/api/chat", "held");
        await app.Model.Waiting.Task.OrFail();

        app.StopRun("1");

        WithoutIds(await body).Should().EndWith("data: {\"type\":\"abort\"}\n\ndata: [DONE]\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_OfAUIMessageStream_IsV1()
    {
        await using var app = await AnswerApp.StartAsync();

        using var response = await PostAsync(app, "/plain/ui", "text");

        response.Headers.GetValues("x-vercel-ai-ui-message-stream").Should().Equal("v1");
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OfAnAnswerThatIsRunning_IsTheWholeAnswer()
    {
        await using var app = await AnswerApp.StartAsync();
        var first = BodyAsync(app, "/api/chat", "held");
        await app.Model.Waiting.Task.OrFail();
        using HttpClient http = new();
        using var response = await http.GetAsync($"{app.Address}/api/chat/1/stream", HttpCompletionOption.ResponseHeadersRead);

        app.Model.Continue();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.GetValues("x-vercel-ai-ui-message-stream").Should().Equal("v1");
        (await response.Content.ReadAsStringAsync()).Should().Be(await first);
        app.Model.Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_WithoutARunningAnswer_Is204()
    {
        await using var app = await AnswerApp.StartAsync();
        using HttpClient http = new();
        using var before = await http.GetAsync($"{app.Address}/api/chat/1/stream");
        await BodyAsync(app, "/api/chat", "text");
        using var after = await http.GetAsync($"{app.Address}/api/chat/1/stream");

        before.StatusCode.Should().Be(HttpStatusCode.NoContent);
        after.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OfACompleteAnswer_Is204()
    {
        await using var app = await AnswerApp.StartAsync();
        await BodyAsync(app, "/run/v1/chat/completions", "text");
        using HttpClient http = new();

        using var response = await http.GetAsync($"{app.Address}/run/v1/chat/completions");

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    private static async Task<string> BodyAsync(AnswerApp app, string path, string text)
    {
        using var response = await PostAsync(app, path, text);
        return await response.Content.ReadAsStringAsync();
    }

    // One body that each of the protocols understands.
    private static async Task<HttpResponseMessage> PostAsync(
        AnswerApp app, string path, string text, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        object message = new { role = "user", content = text, parts = new[] { new { type = "text", text } } };
        var request = new { id = "1", threadId = "t", runId = "r", messages = new[] { message } };
        using HttpRequestMessage post = new(HttpMethod.Post, app.Address + path) { Content = JsonContent.Create(request) };
        return await Http.SendAsync(post, completion);
    }

    private static string[] Blocks(string body) => body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

    // Clients of these protocols skip the ids, which others resume by.
    private static string WithoutIds(string body) =>
        string.Concat(body.Split('\n').Where(line => !line.StartsWith("id: ", StringComparison.Ordinal)).Select(line => line + "\n"))[..^1];
}
