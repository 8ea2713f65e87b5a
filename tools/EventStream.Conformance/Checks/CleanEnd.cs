using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>An end that is not a cut.</summary>
internal sealed class CleanEnd() : Check(
    "clean end",
    "A stream that ends does so by its final chunk (RFC 9112, 7.1), after a whole message: a client must be able to tell the end from a "
    + "cut.",
    Role.Finite)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.The(Role.Finite));
        var deadline = new Deadline(subject.Limits.Message);
        var hasMessage = await stream.NextEventAsync(deadline) is not null;
        var hasEnded = await stream.ReachEndAsync(deadline.Left);
        if (!hasEnded) return Outcome.Lack($"it did not end within {Duration.Show(subject.Limits.Message)}");
        if (!hasMessage && !stream.HasHalfBlock) return Outcome.Lack("the stream ended before a message came");
        if (stream.HasHalfBlock) return Outcome.Lack("the last message is not followed by a blank line, so clients drop it");
        return stream.End switch
        {
            BodyEnd.Clean => Outcome.Pass("the final chunk, after a whole message"),
            BodyEnd.Closed => Outcome.Lack("the connection was closed, and nothing says whether that was the end"),
            _ => Outcome.Lack("the connection was cut before the final chunk"),
        };
    }
}
