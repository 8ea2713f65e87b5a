using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>Two clients of the same messages.</summary>
internal sealed class Broadcast() : Check(
    "broadcast",
    "Of two clients that listen at once each gets every message, in order: that is what EventSource is for. "
    + "A queue that all clients read from gives each message to one of them.",
    Role.Subscribe,
    Role.Publish)
{
    private const int Messages = 10;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Subscribe);
        var streams = await subject.OpenAsync(address, count: 2);
        await using var first = streams[0];
        await using var second = streams[1];

        var published = Enumerable.Range(1, Messages).Select(number => $"conformance-{Guid.NewGuid():N}-{number}").ToArray();
        foreach (var text in published) await PublishAsync(subject, text);

        var received = await Task.WhenAll(
            ReceivedAsync(first, published, subject.Limits.Message), ReceivedAsync(second, published, subject.Limits.Message));
        return Array.TrueForAll(received, texts => texts.SequenceEqual(published))
            ? Outcome.Pass($"{Messages} messages, and both clients got all of them in order")
            : Outcome.Lack($"of {Messages} messages one client got {received[0].Count}, the other {received[1].Count}");
    }

    private static async Task PublishAsync(Subject subject, string text)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, subject.Settings.The(Role.Publish)) { Content = new StringContent(text) };
        using var response = await subject.AskAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new LackException($"{request.RequestUri!.PathAndQuery} answered POST with {(int)response.StatusCode}");
        }
    }

    // A server may wrap the text, for example in JSON.
    private static async Task<List<string>> ReceivedAsync(Listener stream, string[] published, TimeSpan limit)
    {
        var received = new List<string>();
        var deadline = new Deadline(limit);
        while (received.Count < published.Length && await stream.NextEventAsync(deadline) is { } message)
        {
            if (Array.FindLast(published, text => message.Data!.Contains(text, StringComparison.Ordinal)) is { } text) received.Add(text);
        }

        return received;
    }
}
