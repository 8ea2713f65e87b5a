using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>Headers when there is no message yet.</summary>
internal sealed class HeadersAtOnce() : Check(
    "headers at once",
    "The headers leave before the first message exists. Until they do, an EventSource is not open (WHATWG HTML, 9.2.3), and proxies give "
    + "up on the first byte after 15 to 60 s.",
    Role.Silent)
{
    // A message that comes so soon may have been what the headers waited for.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.SendAsync(subject.Settings.The(Role.Silent));
        var waiting = new Deadline(subject.Limits.Headers);
        var head = await stream.ExpectHeadAsync(subject.Limits.Headers);
        var seen = $"{head.WhyNoStream ?? head.Answer} after {Duration.Show(waiting.Passed)}";
        if (head.WhyNoStream is not null) return Outcome.Lack(seen);
        return await stream.NextEventAsync(new(Together)) is null
            ? Outcome.Pass($"{seen}, with no message ready")
            : Outcome.Skip($"{seen}, together with a message: give {Role.Silent.Option} <url> of a stream that begins with silence");
    }
}
