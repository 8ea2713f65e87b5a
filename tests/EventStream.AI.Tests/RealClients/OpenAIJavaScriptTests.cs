using EventStream.AI.Tests.Clients;

namespace EventStream.AI.Tests.RealClients;

/// <summary>OpenAI's library for JavaScript, from npm.</summary>
[Trait("Category", "Linux")]
public sealed class OpenAIJavaScriptTests
{
    private const string Script = "openai.mjs";

    [Fact(Timeout = 60_000)]
    public async Task Completion_OfText_HasTextReasonAndUsage()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "text");

        var completion = seen.GetProperty("completion");
        var choice = completion.GetProperty("choices")[0];
        choice.GetProperty("message").GetProperty("content").GetString().Should().Be(FakeModel.FullText);
        choice.GetProperty("message").GetProperty("role").GetString().Should().Be("assistant");
        choice.GetProperty("finish_reason").GetString().Should().Be("stop");
        completion.GetProperty("model").GetString().Should().Be("fake-1");
        completion.GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(14);
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Completion_WithACall_HasItsNameAndArguments()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "call");

        var choice = seen.GetProperty("completion").GetProperty("choices")[0];
        choice.GetProperty("finish_reason").GetString().Should().Be("tool_calls");
        var call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        call.GetProperty("id").GetString().Should().Be("c1");
        call.GetProperty("function").GetProperty("name").GetString().Should().Be("weather");
        call.GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"city":"Bern"}""");
    }

    [Fact(Timeout = 60_000)]
    public async Task Completion_ThatFails_ThrowsTheError()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "error");

        seen.GetProperty("text").GetString().Should().Be("One two ");
        seen.GetProperty("error").GetProperty("message").GetString().Should().Be("The answer failed.");
        seen.GetProperty("error").GetProperty("type").GetString().Should().Be("server_error");
    }
}
