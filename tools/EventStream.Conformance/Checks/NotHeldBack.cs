using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>The headers by which proxies pass each message on at once.</summary>
internal sealed class NotHeldBack() : Check(
    "not held back",
    "X-Accel-Buffering: no, without which nginx by its defaults passes on nothing before the end; "
    + "and Cache-Control: no-transform, so that nothing on the way compresses, and so collects, the stream (RFC 9111, 5.2.2.6).")
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.Stream);
        var head = await stream.ExpectHeadAsync(subject.Limits.Message);
        var control = CacheControl.Of(head);
        var buffering = head.Header("X-Accel-Buffering");
        var seen = $"{(buffering is null ? "no X-Accel-Buffering" : $"X-Accel-Buffering: {Wire.Printable.Of(buffering)}")}, {control.Seen}";
        return control.Has("no-transform") && buffering == "no" ? Outcome.Pass(seen) : Outcome.Lack(seen);
    }
}
