using System.Text.Json;
using EventStream.AI.Tests.Clients;

namespace EventStream.AI.Tests.RealClients;

/// <summary>The AI SDK's chat with its <c>DefaultChatTransport</c>, from npm: what useChat is built on.</summary>
[Trait("Category", "Linux")]
public sealed class AISdkTests
{
    private const string Script = "ai.mjs";

    [Fact(Timeout = 60_000)]
    public async Task Chat_GetsTheText()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "send", "1", "text");

        TextOf(seen).Should().Be(FakeModel.FullText);
        seen.GetProperty("status").GetString().Should().Be("ready");
        seen.GetProperty("finish").GetProperty("finishReason").GetString().Should().Be("stop");
        seen.GetProperty("finish").GetProperty("isError").GetBoolean().Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Chat_GetsToolsReasoningAndData()
    {
        await using var app = await AnswerApp.StartAsync();

        var tool = await NodeClient.RunAsync(Script, app.Address, "send", "1", "tool");
        var state = await NodeClient.RunAsync(Script, app.Address, "send", "2", "state");

        PartsOf(tool).Should().Equal(
            """{"type":"step-start"}""",
            """{"type":"text","text":"One two ","state":"done"}""",
            """{"type":"tool-weather","toolCallId":"c1","state":"output-available","input":{"city":"Bern"},"output":"blue"}""",
            """{"type":"step-start"}""",
            """{"type":"text","text":"three, 世界.","state":"done"}""");
        PartsOf(state).Should().Contain("""{"type":"data-chart","data":[1]}""")
            .And.ContainSingle(part => part.Contains("\"reasoning\"") && part.Contains("Hm."));
        state.GetProperty("data").GetArrayLength().Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Chat_OfAnAnswerThatFails_HasTheErrorAndWhatCameBefore()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "send", "1", "error");

        seen.GetProperty("status").GetString().Should().Be("error");
        seen.GetProperty("error").GetString().Should().Be("The answer failed.");
        TextOf(seen).Should().Be("One two ");
        seen.GetProperty("finish").GetProperty("isDisconnect").GetBoolean().Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Chat_OfAnAnswerThatIsStopped_EndsWithoutAnError()
    {
        await using var app = await AnswerApp.StartAsync();
        using var client = NodeClient.Start(Script, app.Address, "send", "1", "held");
        await app.Model.Waiting.Task.OrFail();

        app.StopRun("1");

        var seen = await client.ResultAsync();
        seen.GetProperty("status").GetString().Should().Be("ready");
        seen.TryGetProperty("error", out _).Should().BeFalse();
        TextOf(seen).Should().Be("One two ");
    }

    [Fact(Timeout = 60_000)]
    public async Task Resume_InASecondTab_ShowsTheSameMessage()
    {
        await using var app = await AnswerApp.StartAsync();
        using var first = NodeClient.Start(Script, app.Address, "send", "1", "held");
        await app.Model.Waiting.Task.OrFail();
        using var second = NodeClient.Start(Script, app.Address, "resume", "1");
        await Soon.Until(() => app.ReadersOf("1") == 2);

        app.Model.Continue();

        var (sent, resumed) = (await first.ResultAsync(), await second.ResultAsync());
        TextOf(sent).Should().Be(FakeModel.FullText);
        AnswerOf(resumed).Should().Be(AnswerOf(sent));
        app.Model.Count.Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Resume_AfterAReload_ShowsTheWholeMessage()
    {
        await using var app = await AnswerApp.StartAsync();
        using (NodeClient.Start(Script, app.Address, "send", "1", "held")) await app.Model.Waiting.Task.OrFail();
        await Soon.Until(() => app.ReadersOf("1") == 0);
        using var reloaded = NodeClient.Start(Script, app.Address, "resume", "1");
        await Soon.Until(() => app.ReadersOf("1") == 1);

        app.Model.Continue();

        TextOf(await reloaded.ResultAsync()).Should().Be(FakeModel.FullText);
        app.Model.Count.Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Resume_WithoutARunningAnswer_ShowsNothing()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address, "resume", "1");

        seen.GetProperty("status").GetString().Should().Be("ready");
        seen.TryGetProperty("answer", out _).Should().BeFalse();
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    private static string AnswerOf(JsonElement seen) => seen.GetProperty("answer").GetRawText();

    private static string[] PartsOf(JsonElement seen) =>
        [.. seen.GetProperty("answer").GetProperty("parts").EnumerateArray().Select(part => part.GetRawText())];

    private static string TextOf(JsonElement seen) => string.Concat(
        seen.GetProperty("answer").GetProperty("parts").EnumerateArray()
            .Where(part => part.GetProperty("type").GetString() == "text")
            .Select(part => part.GetProperty("text").GetString()));
}
