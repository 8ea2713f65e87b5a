using static EventStream.AI.Tests.Infrastructure.Answers;

namespace EventStream.AI.Tests.Golden;

/// <summary>Each of OpenAI's chat completion chunks, to the byte.</summary>
public sealed class ChatCompletionStreamTests
{
    private const string Head = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,"model":"fake-1",""";

    [Fact(Timeout = 30_000)]
    public async Task Text_OfAModel_IsRoleDeltasAndReason()
    {
        var frames = await FramesAsync(Of(First("Hello, "), Text("世界\n"), End(ChatFinishReason.Stop)));

        frames.Should().Equal(
            Chunk("""{"role":"assistant","content":""}"""),
            Chunk("""{"content":"Hello, "}"""),
            Chunk("""{"content":"世界\n"}"""),
            Chunk("{}", "stop"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Text_OfPlainStrings_HasAnIdATimeAndTheModelOfTheOptions()
    {
        var frames = await Frames.ReadAsync(
            Words("Hello").ToChatCompletionStream(new ChatCompletionStreamOptions { Model = "mine" }));

        frames.Should().HaveCount(3).And.OnlyContain(frame => frame.Contains("\"model\":\"mine\""));
        frames[0].Should().MatchRegex("""^\{"id":"chatcmpl-[0-9a-f]{32}","object":"chat.completion.chunk","created":[0-9]{10,},""");
        frames[1][..80].Should().Be(frames[0][..80]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Calls_OfTheClient_AreSentAtTheEnd()
    {
        var answer = Of(First("Hm."), With(Call("c1", "weather", ("city", "Bern")), Call("c2", "time")), End(ChatFinishReason.ToolCalls));

        (await FramesAsync(answer))[2..].Should().Equal(
            Chunk("""{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":\"Bern\"}"}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"time","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"""),
            Chunk("{}", "tool_calls"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Calls_OfTheServer_AreLeftOut()
    {
        var answer = Of(
            First("Hm. "),
            With(Call("c1", "weather")),
            End(ChatFinishReason.ToolCalls),
            Tool(new FunctionResultContent("c1", "blue")),
            Text("Blue."));

        (await FramesAsync(answer))[1..].Should().Equal(
            Chunk("""{"content":"Hm. "}"""),
            Chunk("""{"content":"Blue."}"""),
            Chunk("{}", "stop"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Refusal_HasAFieldOfItsOwn() =>
        (await FramesAsync(Of(First(""), With(new ErrorContent("I cannot.") { ErrorCode = "Refusal" }))))[1].Should().Be(
            Chunk("""{"refusal":"I cannot."}"""));

    [Theory(Timeout = 30_000)]
    [InlineData("stop", "stop")]
    [InlineData("length", "length")]
    [InlineData("content_filter", "content_filter")]
    [InlineData("tired", "stop")]
    public async Task Reason_OfTheModel_IsThatOfTheLastChunk(string reason, string finishReason) =>
        (await FramesAsync(Of(First("Hm."), End(new(reason)))))[^1].Should().EndWith($"\"finish_reason\":\"{finishReason}\"}}]}}");

    [Fact(Timeout = 30_000)]
    public async Task Usage_ThatIsAskedFor_IsNullInEachChunkButTheLast()
    {
        UsageDetails usage = new()
        {
            InputTokenCount = 10, OutputTokenCount = 5, TotalTokenCount = 15, ReasoningTokenCount = 2, CachedInputTokenCount = 4,
        };
        var answer = Of(First("Hm."), With(new UsageContent(usage)), End(ChatFinishReason.Stop));

        var frames = await Frames.ReadAsync(answer.ToChatCompletionStream(new ChatCompletionStreamOptions { IncludeUsage = true }));

        frames[..^1].Should().HaveCount(3).And.OnlyContain(frame => frame.EndsWith("],\"usage\":null}"));
        frames[^1].Should().Be(
            $"{Head}\"choices\":[],\"usage\":{{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":4},\"completion_tokens_details\":{\"reasoning_tokens\":2}}}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Usage_OfTwoSteps_IsTheirSum()
    {
        var step = With(new UsageContent(new() { InputTokenCount = 10, OutputTokenCount = 5 }));

        var frames = await Frames.ReadAsync(Of(step, step).ToChatCompletionStream(new ChatCompletionStreamOptions { IncludeUsage = true }));

        frames[^1].Should().EndWith("\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":30}}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Usage_ThatIsNotAskedFor_IsLeftOut() =>
        (await FramesAsync(Of(With(new UsageContent(new() { InputTokenCount = 1 })))))
            .Should().NotContain(frame => frame.Contains("usage"));

    [Fact(Timeout = 30_000)]
    public async Task Failure_EndsWithAnErrorThatTellsNoInternals()
    {
        var (frames, _) = await Frames.ReadFailingAsync(Failing(new IOException("secret"), First("One ")).ToChatCompletionStream());

        frames[2..].Should().Equal(
            """{"error":{"message":"The answer failed.","type":"server_error","param":null,"code":null}}""");
    }

    private static string Chunk(string delta, string? reason = null)
    {
        var reasonJson = reason is null ? "null" : $"\"{reason}\"";
        return $$"""{{Head}}"choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{reasonJson}}}]}""";
    }

    private static ChatResponseUpdate First(string text) => new(ChatRole.Assistant, text)
    {
        ResponseId = "chatcmpl-1",
        ModelId = "fake-1",
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1694268190),
    };

    private static async Task<string[]> FramesAsync(IAsyncEnumerable<ChatResponseUpdate> answer) =>
        await Frames.ReadAsync(answer.ToChatCompletionStream());
}
