using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>A stream that answers POST, as those of language models do.</summary>
internal sealed class Post() : Check(
    "POST",
    "A stream that answers POST is as any other: 200, its media type, and messages as they are made.",
    Role.Post)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Request(subject.Settings.The(Role.Post)) with { Method = "POST" });
        await stream.ExpectEventAsync(subject.Limits.Message);
        return Outcome.Pass("200, and a message");
    }
}
