using System.Text.Json;
using static EventStream.AI.Tests.Infrastructure.Answers;

namespace EventStream.AI.Tests.Golden;

/// <summary>Each of AG-UI's events, to the byte.</summary>
public sealed class AGUIStreamTests
{
    private static readonly AGUIStreamOptions Options = new() { ThreadId = "t", RunId = "r" };

    [Fact(Timeout = 30_000)]
    public async Task Text_OfAModel_IsOneMessage() => (await FramesAsync(Of(Text("Hello, "), Text("世界\n")))).Should().Equal(
        """{"type":"RUN_STARTED","threadId":"t","runId":"r"}""",
        """{"type":"TEXT_MESSAGE_START","messageId":"r-1","role":"assistant"}""",
        """{"type":"TEXT_MESSAGE_CONTENT","messageId":"r-1","delta":"Hello, "}""",
        """{"type":"TEXT_MESSAGE_CONTENT","messageId":"r-1","delta":"世界\n"}""",
        """{"type":"TEXT_MESSAGE_END","messageId":"r-1"}""",
        """{"type":"RUN_FINISHED","threadId":"t","runId":"r"}""");

    [Fact(Timeout = 30_000)]
    public async Task Text_OfPlainStrings_IsTheSameAsThatOfAModel() =>
        (await Frames.ReadAsync(Words("Hello").ToAGUIStream(Options))).Should().Equal(await FramesAsync(Of(Text("Hello"))));

    [Fact(Timeout = 30_000)]
    public async Task Ids_ThatAreNotGiven_AreRandom() =>
        (await Frames.ReadAsync(Words("Hello").ToAGUIStream()))[0]
            .Should().MatchRegex("""^\{"type":"RUN_STARTED","threadId":"[0-9a-f-]{36}","runId":"[0-9a-f-]{36}"\}$""");

    [Fact(Timeout = 30_000)]
    public async Task Reasoning_BeforeText_IsAMessageOfItsOwn() =>
        (await InnerFramesAsync(Of(With(new TextReasoningContent("Hm.")), Text("Yes.")))).Should().Equal(
            """{"type":"REASONING_START","messageId":"r-1"}""",
            """{"type":"REASONING_MESSAGE_START","messageId":"r-1","role":"reasoning"}""",
            """{"type":"REASONING_MESSAGE_CONTENT","messageId":"r-1","delta":"Hm."}""",
            """{"type":"REASONING_MESSAGE_END","messageId":"r-1"}""",
            """{"type":"REASONING_END","messageId":"r-1"}""",
            """{"type":"TEXT_MESSAGE_START","messageId":"r-2","role":"assistant"}""",
            """{"type":"TEXT_MESSAGE_CONTENT","messageId":"r-2","delta":"Yes."}""",
            """{"type":"TEXT_MESSAGE_END","messageId":"r-2"}""");

    [Fact(Timeout = 30_000)]
    public async Task Tools_HaveCallsAndResults()
    {
        var answer = Of(
            Text("Let me look."),
            With(Call("c1", "weather", ("city", "Bern"))),
            Tool(new FunctionResultContent("c1", JsonElement.Parse("""{"sky":"blue"}"""))),
            With(Call("c2", "time")),
            Tool(new FunctionResultContent("c2", "12:00")),
            Tool(new FunctionResultContent("c3", null) { Exception = new IOException("secret") }));

        (await InnerFramesAsync(answer))[2..].Should().Equal(
            """{"type":"TEXT_MESSAGE_END","messageId":"r-1"}""",
            """{"type":"TOOL_CALL_START","toolCallId":"c1","toolCallName":"weather","parentMessageId":"r-1"}""",
            """{"type":"TOOL_CALL_ARGS","toolCallId":"c1","delta":"{\"city\":\"Bern\"}"}""",
            """{"type":"TOOL_CALL_END","toolCallId":"c1"}""",
            """{"type":"TOOL_CALL_RESULT","messageId":"r-2","toolCallId":"c1","content":"{\"sky\":\"blue\"}","role":"tool"}""",
            """{"type":"TOOL_CALL_START","toolCallId":"c2","toolCallName":"time"}""",
            """{"type":"TOOL_CALL_ARGS","toolCallId":"c2","delta":"{}"}""",
            """{"type":"TOOL_CALL_END","toolCallId":"c2"}""",
            """{"type":"TOOL_CALL_RESULT","messageId":"r-3","toolCallId":"c2","content":"12:00","role":"tool"}""",
            """{"type":"TOOL_CALL_RESULT","messageId":"r-4","toolCallId":"c3","content":"The answer failed.","role":"tool"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task State_OfTheAgent_IsSnapshotAndDelta()
    {
        StateSnapshotContent snapshot = new(JsonElement.Parse("""{"step":1}"""));
        StateDeltaContent delta = new(JsonElement.Parse("""[{"op":"replace","path":"/step","value":2}]"""));

        (await InnerFramesAsync(Of(With(snapshot, delta, new AppDataContent("chart", JsonElement.Parse("[1]")))))).Should().Equal(
            """{"type":"STATE_SNAPSHOT","snapshot":{"step":1}}""",
            """{"type":"STATE_DELTA","delta":[{"op":"replace","path":"/step","value":2}]}""",
            """{"type":"CUSTOM","name":"chart","value":[1]}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Usage_IsToldAtTheEnd()
    {
        var usage = With(new UsageContent(new() { InputTokenCount = 10, OutputTokenCount = 5 }));
        usage.ModelId = "fake-1";

        (await FramesAsync(Of(usage)))[^1].Should().Be(
            """{"type":"RUN_FINISHED","threadId":"t","runId":"r","usage":[{"model":"fake-1","inputTokens":10,"outputTokens":5}]}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_EndsTheMessageAndTellsNoInternals()
    {
        var (frames, _) = await Frames.ReadFailingAsync(Failing(new IOException("secret"), Text("One ")).ToAGUIStream(Options));

        frames[^2..].Should().Equal(
            """{"type":"TEXT_MESSAGE_END","messageId":"r-1"}""",
            """{"type":"RUN_ERROR","message":"The answer failed."}""");
    }

    [Fact(Timeout = 30_000)]
    public void StateDelta_ThatIsNoPatch_IsRefused() =>
        FluentActions.Invoking(() => new StateDeltaContent(JsonElement.Parse("{}")))
            .Should().Throw<ArgumentException>().WithMessage("A JSON Patch*");

    private static async Task<string[]> FramesAsync(IAsyncEnumerable<ChatResponseUpdate> answer) =>
        await Frames.ReadAsync(answer.ToAGUIStream(Options));

    private static async Task<string[]> InnerFramesAsync(IAsyncEnumerable<ChatResponseUpdate> answer) => (await FramesAsync(answer))[1..^1];
}
