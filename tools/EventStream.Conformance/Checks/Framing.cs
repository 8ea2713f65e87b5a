using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>The bytes of the first messages.</summary>
internal sealed class Framing() : Check(
    "framing",
    "UTF-8 without a byte order mark, lines that end in LF, no fields but event, data, id and retry, one space after the colon, a retry of digits alone, and a blank line after each message (WHATWG HTML, 9.2.5 and 9.2.6). CR, and more or fewer spaces, are legal; clients were seen to stumble over them.")
{
    private const int EnoughMessages = 20;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.Stream);
        var faults = new LineFaults();
        var deadline = new Deadline(subject.Limits.Message);
        var (lines, messages) = (0, 0);
        while (messages < EnoughMessages && await stream.NextLineAsync(deadline.Left) is { } line)
        {
            lines++;
            faults.Look(line);
            if (stream.Latest is { IsEvent: true }) messages++;
        }

        if (stream.HasByteOrderMark) faults.Add("the stream begins with a byte order mark");
        if (stream is { HasHalfBlock: true, End: not BodyEnd.Open }) faults.Add("the stream ends in a message that no blank line follows, which clients drop");
        if (stream.Malformed is { } malformed) faults.Add(malformed);
        if (lines == 0) return Outcome.Lack(stream.End == BodyEnd.Open ? $"not one line came within {Duration.Show(subject.Limits.Message)}" : "the stream ended before a line came");
        return faults.Seen is { } seen ? Outcome.Lack(seen) : Outcome.Pass($"{messages} messages in {lines} lines");
    }
}
