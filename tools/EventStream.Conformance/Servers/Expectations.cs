using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>What a check needs to come before it can look at what it is for.</summary>
internal static class Expectations
{
    public static async Task<ResponseHead> ExpectHeadAsync(this Listener listener, TimeSpan limit) =>
        await listener.HeadAsync(limit) ?? throw new LackException($"nothing came within {Duration.Show(limit)} of the request, not even headers");

    public static async Task<Block> ExpectEventAsync(this Listener listener, TimeSpan limit) =>
        await listener.NextEventAsync(limit) ?? throw new LackException(listener.End == BodyEnd.Open ? $"no message came within {Duration.Show(limit)}" : "the stream ended before a message came");

    /// <summary>The next so many messages, each with an id.</summary>
    public static async Task<Block[]> ExpectNumberedAsync(this Listener listener, int count, TimeSpan limit)
    {
        var messages = new Block[count];
        for (var i = 0; i < count; i++)
        {
            messages[i] = await listener.ExpectEventAsync(limit);
            if (string.IsNullOrEmpty(messages[i].Id)) throw new LackException("a message has no id, so there is nothing to resume from");
        }

        return messages;
    }
}
