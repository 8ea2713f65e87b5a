using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A failure that a client does not take for the end.</summary>
internal sealed class FaultIsNoEnd() : Check(
    "fault",
    "What was sent before a failure arrives, and then the response is cut without its final chunk (RFC 9112, 8), so that no client takes "
    + "the failure for the end.",
    Role.Fault)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.The(Role.Fault));
        await stream.ExpectEventAsync(subject.Limits.Message);
        if (!await stream.ReachEndAsync(subject.Limits.Message))
        {
            return Outcome.Lack($"it was still open {Duration.Show(subject.Limits.Message)} after its message");
        }

        return stream.End == BodyEnd.Cut
            ? Outcome.Pass("the message came, then a cut without the final chunk")
            : Outcome.Lack("the message came, then an end as of a stream that is finished");
    }
}
