using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>200, and the one media type.</summary>
internal sealed class Status() : Check(
    "status",
    "A stream is 200 with Content-Type: text/event-stream. Every other status or type ends a browser's EventSource for good, and a "
    + "charset other than UTF-8 ends Chromium's (WHATWG HTML, 9.2.3).")
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.SendAsync(subject.Settings.Stream);
        var head = await stream.ExpectHeadAsync(subject.Limits.Message);
        var type = head.Header("Content-Type");
        var seen = $"{head.Answer}, {(type is null ? "no Content-Type" : $"Content-Type: {Wire.Printable.Of(type)}")}";
        return head.Status == 200 && IsEventStream(type) ? Outcome.Pass(seen) : Outcome.Lack(seen);
    }

    // Some clients compare the type as it stands, so its letters must be small; the one charset that there is may be named.
    private static bool IsEventStream(string? type) =>
        type?.Split(';', StringSplitOptions.TrimEntries) is ["text/event-stream", .. var parameters]
        && parameters.All(parameter => parameter.Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase));
}
