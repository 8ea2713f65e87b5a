using System.Text.Json;
using EventStream.AI.Tests.Clients;

namespace EventStream.AI.Tests.RealClients;

/// <summary>The <c>HttpAgent</c> of AG-UI, from npm, which refuses events out of order.</summary>
[Trait("Category", "Linux")]
public sealed class AGUITests
{
    private const string Script = "ag-ui.mjs";

    [Theory(Timeout = 60_000)]
    [InlineData("/agui")]
    [InlineData("/run/agui")]
    public async Task Agent_GetsTheText(string path)
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, app.Address + path, "text");

        MessagesOf(seen).Should().Equal($$"""{"id":"r1-1","role":"assistant","content":"{{FakeModel.FullText}}"}""");
        EventsOf(seen).Should().StartWith(["RUN_STARTED", "TEXT_MESSAGE_START"]).And.EndWith(["RUN_FINISHED", "no outcome"]);
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Agent_GetsToolsInTheirMessages()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, $"{app.Address}/agui", "tool");

        var call = """[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}]""";
        MessagesOf(seen).Should().Equal(
            $$"""{"id":"r1-1","role":"assistant","content":"One two ","toolCalls":{{call}}}""",
            """{"id":"r1-2","toolCallId":"c1","role":"tool","content":"blue"}""",
            """{"id":"r1-3","role":"assistant","content":"three, 世界."}""");
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Agent_GetsTheState()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, $"{app.Address}/agui", "state");

        seen.GetProperty("state").GetRawText().Should().Be("""{"step":2}""");
        EventsOf(seen).Should().Contain(["STATE_SNAPSHOT", "STATE_DELTA", "CUSTOM", "REASONING_MESSAGE_CONTENT"]);
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task Agent_OfAnAnswerThatFails_GetsTheError()
    {
        await using var app = await AnswerApp.StartAsync();

        var seen = await NodeClient.RunAsync(Script, $"{app.Address}/agui", "error");

        EventsOf(seen).Should().EndWith("RUN_ERROR");
        seen.GetProperty("error").GetString().Should().Be("The answer failed.");
    }

    [Fact(Timeout = 60_000)]
    public async Task Agent_OfAnAnswerThatIsStopped_GetsTheOutcome()
    {
        await using var app = await AnswerApp.StartAsync();
        using var client = NodeClient.Start(Script, $"{app.Address}/run/agui", "held");
        await app.Model.Waiting.Task.OrFail();

        app.StopRun("r1");

        var seen = await client.ResultAsync();
        EventsOf(seen).Should().EndWith(["RUN_FINISHED", "cancelled"]);
        seen.TryGetProperty("error", out _).Should().BeFalse();
    }

    private static string[] EventsOf(JsonElement seen) =>
        [.. seen.GetProperty("events").EnumerateArray().Select(name => name.GetString()!)];

    private static string[] MessagesOf(JsonElement seen) =>
        [.. seen.GetProperty("messages").EnumerateArray().Select(message => message.GetRawText())];
}
