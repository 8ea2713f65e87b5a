using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A comment with words in it.</summary>
internal sealed class CommentLine() : Check(
    "comment",
    "A comment is a line that begins with a colon (WHATWG HTML, 9.2.6), which a client ignores. It is for people who read the bytes.",
    Role.Comment)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.The(Role.Comment));
        var deadline = new Deadline(subject.Limits.Message);
        while (await stream.NextLineAsync(deadline) is { } line)
        {
            if (line.IsComment && Field.Of(line).Value.Length > 0) return Outcome.Pass($"'{Printable.Of(line.Text)}'");
            if (stream.Latest is { IsEvent: true } block)
            {
                return Outcome.Lack($"no comment; the first that came was an event with data '{Printable.Of(block.Data!)}'");
            }
        }

        return Outcome.Lack(stream.End == BodyEnd.Open
            ? $"no comment within {Duration.Show(subject.Limits.Message)}"
            : "the stream ended without a comment");
    }
}
