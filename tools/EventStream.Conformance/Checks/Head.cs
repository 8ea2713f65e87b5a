using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>HEAD, which looks without listening.</summary>
internal sealed class Head() : Check(
    "HEAD",
    "HEAD is answered at once, with the headers of the stream and no body (RFC 9110, 9.3.2), or is refused by 405 with Allow (15.5.6).")
{
    /// <summary>For a body, from a server that does not close the connection as it was asked to.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var answer = await Wire.Listener.OpenAsync(
            subject.Request(subject.Settings.Stream) with
            {
                Method = "HEAD",
                Headers = [.. subject.Settings.Headers, new("Connection", "close")],
            });
        var head = await answer.HeadAsync(subject.Limits.Headers);
        if (head is null) return Outcome.Lack($"nothing came within {Duration.Show(subject.Limits.Headers)}");
        if (await answer.HasBodyAsync(Moment)) return Outcome.Lack($"{head.Status} with a body");
        return (head.Status, head.Header("Content-Type"), head.Header("Allow")) switch
        {
            (200, { } type, _) when type.StartsWith("text/event-stream", StringComparison.Ordinal) =>
                Outcome.Pass("200 with the headers of a stream, and no body"),
            (405, _, { } allow) => Outcome.Pass($"405, Allow: {Wire.Printable.Of(allow)}: it is not offered"),
            (_, null, _) => Outcome.Lack($"{head.Answer}, no Content-Type"),
            (_, { } type, _) => Outcome.Lack($"{head.Answer}, Content-Type: {Wire.Printable.Of(type)}"),
        };
    }
}
