using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>What keeps caches off the stream.</summary>
internal sealed class NotStored() : Check(
    "not stored",
    "Cache-Control has no-store: no cache may keep a stream, or give one client's stream to another (RFC 9111, 5.2.2.5).")
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.Stream);
        var control = CacheControl.Of(await stream.ExpectHeadAsync(subject.Limits.Message));
        return control.Has("no-store") ? Outcome.Pass(control.Seen) : Outcome.Lack(control.Seen);
    }
}
