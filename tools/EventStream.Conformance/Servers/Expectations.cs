using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>What a check needs to come before it can look at what it is for.</summary>
internal static class Expectations
{
    public static async Task<ResponseHead> ExpectHeadAsync(this Listener listener, TimeSpan limit)
    {
        if (await listener.HeadAsync(limit) is { } head) return head;
        throw new LackException(listener.Received == 0
            ? $"nothing came within {Duration.Show(limit)} of the request, not even headers"
            : $"the headers did not end within {Duration.Show(limit)} of the request; {listener.Received} bytes came");
    }

    /// <summary>An answer that a client would read as a stream. One that has not come yet may still be.</summary>
    public static void ExpectStream(this Request request, ResponseHead? answer)
    {
        if (answer?.WhyNoStream is not { } why) return;
        throw new LackException($"{request.Address.PathAndQuery} answered {request.Method} with {why}, where a stream was expected");
    }

    public static async Task<Block> ExpectEventAsync(this Listener listener, TimeSpan limit) =>
        await listener.NextEventAsync(new(limit))
        ?? throw new LackException(listener.End == BodyEnd.Open
            ? $"no message came within {Duration.Show(limit)}"
            : "the stream ended before a message came");

    /// <summary>The next messages, up to a number, each with its own id.</summary>
    public static async Task<Block[]> ExpectNumberedAsync(this Listener listener, int count, TimeSpan limit)
    {
        var messages = new Block[count];
        for (var i = 0; i < count; i++)
        {
            messages[i] = await listener.ExpectEventAsync(limit);
            var id = messages[i].Id;
            if (string.IsNullOrEmpty(id)) throw new LackException("a message has no id, so there is nothing to resume from");
            if (messages.Take(i).Any(earlier => earlier.Id == id))
            {
                throw new LackException($"two messages have the id {Printable.Of(id)}, so it says nothing of where to resume");
            }
        }

        return messages;
    }
}
