using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

namespace EventStream.AI.Tests.RealClients;

/// <summary>OpenAI's library for .NET, from NuGet.</summary>
public sealed class OpenAIDotNetTests
{
    [Fact(Timeout = 60_000)]
    public async Task Completion_OfText_HasTextReasonAndUsage()
    {
        await using var app = await AnswerApp.StartAsync();

        var updates = await UpdatesAsync(app, "text");

        TextOf(updates).Should().Be(FakeModel.FullText);
        updates[0].Role.Should().Be(ChatMessageRole.Assistant);
        updates.Should().OnlyContain(update => update.CompletionId == "chatcmpl-1" && update.Model == "fake-1");
        updates.Select(update => update.FinishReason).Should().ContainSingle(reason => reason == OpenAI.Chat.ChatFinishReason.Stop);
        updates[^1].Usage.TotalTokenCount.Should().Be(14);
    }

    [Fact(Timeout = 60_000)]
    public async Task Completion_WithACall_HasItsNameAndArguments()
    {
        await using var app = await AnswerApp.StartAsync();

        var updates = await UpdatesAsync(app, "call");

        var calls = updates.SelectMany(update => update.ToolCallUpdates).ToArray();
        (calls[0].ToolCallId, calls[0].FunctionName).Should().Be(("c1", "weather"));
        string.Concat(calls.Select(call => call.FunctionArgumentsUpdate?.ToString())).Should().Be("""{"city":"Bern"}""");
        updates.Should().ContainSingle(update => update.FinishReason == OpenAI.Chat.ChatFinishReason.ToolCalls);
    }

    [Fact(Timeout = 60_000)]
    public async Task Completion_ThatFails_EndsWithoutAReason()
    {
        await using var app = await AnswerApp.StartAsync();

        var updates = await UpdatesAsync(app, "error");

        TextOf(updates).Should().Be("One two ");
        updates.Should().OnlyContain(update => update.FinishReason == null);
    }

    private static string TextOf(IEnumerable<StreamingChatCompletionUpdate> updates) =>
        string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text));

    private static async Task<List<StreamingChatCompletionUpdate>> UpdatesAsync(AnswerApp app, string text)
    {
        ChatClient client = new("fake-1", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new($"{app.Address}/v1") });
        List<StreamingChatCompletionUpdate> updates = [];
        await foreach (var update in client.CompleteChatStreamingAsync(new UserChatMessage(text))) updates.Add(update);
        return updates;
    }
}
