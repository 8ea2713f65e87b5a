namespace EventStream.AI.Tests.Infrastructure;

/// <summary>The data of messages, as it is on the wire.</summary>
internal static class Frames
{
    /// <summary>The data of all messages of an answer.</summary>
    public static async Task<string[]> ReadAsync(IAsyncEnumerable<EventStreamMessage> messages)
    {
        List<string> frames = [];
        await foreach (var message in messages) frames.Add(TextOf(message));
        return [.. frames];
    }

    /// <summary>The data of all messages of an answer that fails, and the failure.</summary>
    public static async Task<(string[] Frames, AnswerFailedException Failure)> ReadFailingAsync(
        IAsyncEnumerable<EventStreamMessage> messages)
    {
        List<string> frames = [];
        try
        {
            await foreach (var message in messages) frames.Add(TextOf(message));
        }
        catch (AnswerFailedException failure)
        {
            return ([.. frames], failure);
        }

        throw new InvalidOperationException("The answer did not fail.");
    }

    // These options know no type, so that each message needs a generated contract of its own.
    private static string TextOf(EventStreamMessage message)
    {
        message.Event.Should().BeNull();
        message.Id.Should().BeNull();
        return message.Data.GetText(new());
    }
}
