using System.Text.Json;
using static EventStream.AI.Tests.Infrastructure.Answers;

namespace EventStream.AI.Tests.Golden;

/// <summary>Each part of the AI SDK's UI message stream, to the byte.</summary>
public sealed class UIMessageStreamTests
{
    private static readonly UIMessageStreamOptions Options = new() { MessageId = "m1" };

    [Fact(Timeout = 30_000)]
    public async Task Text_OfAModel_IsOneTextPart()
    {
        var frames = await FramesAsync(Of(Text("Hello, "), Text(""), Text("\"wörld\" 世界\n"), End(ChatFinishReason.Stop)));

        frames.Should().Equal(
            """{"type":"start","messageId":"m1"}""",
            """{"type":"start-step"}""",
            """{"type":"text-start","id":"1"}""",
            """{"type":"text-delta","id":"1","delta":"Hello, "}""",
            """{"type":"text-delta","id":"1","delta":"\"wörld\" 世界\n"}""",
            """{"type":"text-end","id":"1"}""",
            """{"type":"finish-step"}""",
            """{"type":"finish","finishReason":"stop"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Text_OfPlainStrings_IsTheSameAsThatOfAModel()
    {
        var frames = await Frames.ReadAsync(Words("Hello, ", "you").ToUIMessageStream(Options));

        frames.Should().Equal(await FramesAsync(Of(Text("Hello, "), Text("you"))));
    }

    [Fact(Timeout = 30_000)]
    public async Task Text_OfTwoMessages_IsTwoTextParts()
    {
        ChatResponseUpdate first = new(ChatRole.Assistant, "One.") { MessageId = "a" };
        ChatResponseUpdate second = new(ChatRole.Assistant, "Two.") { MessageId = "b" };

        (await InnerFramesAsync(Of(first, second))).Should().Equal(
            """{"type":"text-start","id":"1"}""",
            """{"type":"text-delta","id":"1","delta":"One."}""",
            """{"type":"text-end","id":"1"}""",
            """{"type":"text-start","id":"2"}""",
            """{"type":"text-delta","id":"2","delta":"Two."}""",
            """{"type":"text-end","id":"2"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reasoning_BeforeText_IsAPartOfItsOwn()
    {
        var answer = Of(With(new TextReasoningContent("Hm.")), With(new TextReasoningContent(" So.")), Text("Yes."));

        (await InnerFramesAsync(answer)).Should().Equal(
            """{"type":"reasoning-start","id":"1"}""",
            """{"type":"reasoning-delta","id":"1","delta":"Hm."}""",
            """{"type":"reasoning-delta","id":"1","delta":" So."}""",
            """{"type":"reasoning-end","id":"1"}""",
            """{"type":"text-start","id":"2"}""",
            """{"type":"text-delta","id":"2","delta":"Yes."}""",
            """{"type":"text-end","id":"2"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reasoning_ThatIsOff_IsLeftOut()
    {
        var frames = await Frames.ReadAsync(
            Of(With(new TextReasoningContent("Hm."))).ToUIMessageStream(new UIMessageStreamOptions { SendReasoning = false }));

        frames.Should().HaveCount(4).And.NotContain(frame => frame.Contains("reasoning"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Tool_OfTheServer_HasInputAndOutputAndANewStep()
    {
        var answer = Of(
            Text("Let me look."),
            With(Call("c1", "weather", ("city", "Bern"), ("days", 2)), Call("c2", "time")),
            Tool(new FunctionResultContent("c1", JsonElement.Parse("""{"sky":"blue"}""")), new FunctionResultContent("c2", "12:00")),
            Text("Blue."),
            End(ChatFinishReason.Stop));

        (await InnerFramesAsync(answer)).Should().Equal(
            """{"type":"text-start","id":"1"}""",
            """{"type":"text-delta","id":"1","delta":"Let me look."}""",
            """{"type":"text-end","id":"1"}""",
            """{"type":"tool-input-available","toolCallId":"c1","toolName":"weather","input":{"city":"Bern","days":2}}""",
            """{"type":"tool-input-available","toolCallId":"c2","toolName":"time","input":{}}""",
            """{"type":"tool-output-available","toolCallId":"c1","output":{"sky":"blue"}}""",
            """{"type":"tool-output-available","toolCallId":"c2","output":"12:00"}""",
            """{"type":"finish-step"}""",
            """{"type":"start-step"}""",
            """{"type":"text-start","id":"2"}""",
            """{"type":"text-delta","id":"2","delta":"Blue."}""",
            """{"type":"text-end","id":"2"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Tool_ThatFails_TellsNoInternals()
    {
        var call = Call("c1", "weather");
        call.Exception = new FormatException("secret");
        var answer = Of(With(call), Tool(new FunctionResultContent("c2", "Error") { Exception = new IOException("secret") }));

        (await InnerFramesAsync(answer)).Should().Equal(
            """{"type":"tool-input-error","toolCallId":"c1","toolName":"weather","input":{},"errorText":"The answer failed."}""",
            """{"type":"tool-output-error","toolCallId":"c2","errorText":"The answer failed."}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sources_OfText_AreEachSentOnce()
    {
        TextContent text = new("See [1].")
        {
            Annotations =
            [
                new CitationAnnotation { Url = new("https://example.org/a"), Title = "A" },
                new CitationAnnotation { Url = new("https://example.org/a"), Title = "A" },
                new CitationAnnotation { Url = new("https://example.org/b") },
                new CitationAnnotation { FileId = "f1", Title = "Report" },
            ],
        };

        (await InnerFramesAsync(Of(With(text)))).Should().Equal(
            """{"type":"text-start","id":"1"}""",
            """{"type":"text-delta","id":"1","delta":"See [1]."}""",
            """{"type":"source-url","sourceId":"2","url":"https://example.org/a","title":"A"}""",
            """{"type":"source-url","sourceId":"3","url":"https://example.org/b"}""",
            """{"type":"source-document","sourceId":"4","mediaType":"application/octet-stream","title":"Report"}""",
            """{"type":"text-end","id":"1"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Files_AreFileParts()
    {
        var answer = Of(With(new DataContent(new byte[] { 1, 2 }, "image/png"), new UriContent("https://example.org/b.png", "image/png")));

        (await InnerFramesAsync(answer)).Should().Equal(
            """{"type":"file","url":"data:image/png;base64,AQI=","mediaType":"image/png"}""",
            """{"type":"file","url":"https://example.org/b.png","mediaType":"image/png"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Data_OfTheApp_IsADataPartInsideOfText()
    {
        AppDataContent progress = new("progress", JsonElement.Parse("0.5")) { Id = "p", IsTransient = true };
        AppDataContent chart = new("chart", JsonElement.Parse("[1]"));

        (await InnerFramesAsync(Of(Text("One "), With(progress, chart), Text("two.")))).Should().Equal(
            """{"type":"text-start","id":"1"}""",
            """{"type":"text-delta","id":"1","delta":"One "}""",
            """{"type":"data-progress","id":"p","data":0.5,"transient":true}""",
            """{"type":"data-chart","data":[1]}""",
            """{"type":"text-delta","id":"1","delta":"two."}""",
            """{"type":"text-end","id":"1"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task State_OfAnAgent_IsLeftOut() =>
        (await InnerFramesAsync(Of(With(new StateSnapshotContent(JsonElement.Parse("{}")))))).Should().BeEmpty();

    [Theory(Timeout = 30_000)]
    [InlineData("stop", "stop")]
    [InlineData("length", "length")]
    [InlineData("tool_calls", "tool-calls")]
    [InlineData("content_filter", "content-filter")]
    [InlineData("tired", "other")]
    public async Task Finish_TellsTheReason(string reason, string finishReason) =>
        (await FramesAsync(Of(End(new(reason))))).Last().Should().Be($$"""{"type":"finish","finishReason":"{{finishReason}}"}""");

    [Fact(Timeout = 30_000)]
    public async Task Start_WithoutAnId_HasARandomOneInEachEnumeration()
    {
        var answer = Of().ToUIMessageStream();

        var first = (await Frames.ReadAsync(answer))[0];

        first.Should().MatchRegex("""^\{"type":"start","messageId":"[0-9a-f]{32}"\}$""").And.NotBe((await Frames.ReadAsync(answer))[0]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_EndsWithAnErrorThatTellsNoInternals()
    {
        var (frames, failure) = await Frames.ReadFailingAsync(
            Failing(new InvalidOperationException("secret"), Text("One ")).ToUIMessageStream(Options));

        frames[^2..].Should().Equal(
            """{"type":"text-end","id":"1"}""", """{"type":"error","errorText":"The answer failed."}""");
        failure.InnerException.Should().BeOfType<InvalidOperationException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_TellsWhatTheAppsFunctionSays()
    {
        UIMessageStreamOptions options = new() { ErrorText = exception => $"Sorry: {exception.GetType().Name}" };

        var (frames, _) = await Frames.ReadFailingAsync(Failing(new TimeoutException()).ToUIMessageStream(options));

        frames[^1].Should().Be("""{"type":"error","errorText":"Sorry: TimeoutException"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_OfAModelThatReportsIt_IsAFailure()
    {
        var answer = Of(With(new ErrorContent("overloaded") { ErrorCode = "529" }), Text("Never sent."));

        var (frames, failure) = await Frames.ReadFailingAsync(answer.ToUIMessageStream(Options));

        frames.Should().HaveCount(3);
        failure.InnerException!.Message.Should().Be("The model reported an error (529): overloaded");
    }

    [Fact(Timeout = 30_000)]
    public async Task Refusal_IsText() =>
        (await InnerFramesAsync(Of(With(new ErrorContent("I cannot.") { ErrorCode = "Refusal" }))))[1]
            .Should().Be("""{"type":"text-delta","id":"1","delta":"I cannot."}""");

    private static async Task<string[]> FramesAsync(IAsyncEnumerable<ChatResponseUpdate> answer) =>
        await Frames.ReadAsync(answer.ToUIMessageStream(Options));

    // Without the two frames at each end, which every answer has.
    private static async Task<string[]> InnerFramesAsync(IAsyncEnumerable<ChatResponseUpdate> answer) => (await FramesAsync(answer))[2..^2];
}
