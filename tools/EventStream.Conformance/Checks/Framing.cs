using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>The bytes of the first messages.</summary>
internal sealed class Framing() : Check(
    "framing",
    "UTF-8 without a byte order mark, lines that end in LF, no fields but event, data, id and retry, one space after the colon, a retry "
    + "of digits alone, and a blank line after each message (WHATWG HTML, 9.2.5 and 9.2.6). CR, and more or fewer spaces, are legal; "
    + "some clients misread them.")
{
    private const int EnoughMessages = 20;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.Stream);
        var faults = new LineFaults();
        var deadline = new Deadline(subject.Limits.Message);
        var (lines, messages) = (0, 0);
        while (messages < EnoughMessages && await stream.NextLineAsync(deadline) is { } line)
        {
            lines++;
            faults.Look(line);
            if (stream.Latest is { IsEvent: true }) messages++;
        }

        if (stream.HasByteOrderMark) faults.Add("the stream begins with a byte order mark");
        if (stream is { HasHalfBlock: true, End: not BodyEnd.Open })
        {
            faults.Add("the stream ends in a message that no blank line follows, which clients drop");
        }

        if (faults.Seen is { } seen) return Outcome.Lack(seen);
        return messages > 0
            ? Outcome.Pass($"{messages} messages in {lines} lines")
            : Outcome.Lack(Nothing(stream, lines, subject.Limits.Message));
    }

    private static string Nothing(Listener stream, int lines, TimeSpan limit) => (stream.End, lines) switch
    {
        (BodyEnd.Open, 0) => $"not one line came within {Duration.Show(limit)}",
        (BodyEnd.Open, _) => $"no message came within {Duration.Show(limit)}, in {lines} lines",
        (_, 0) => "the stream ended before a line came",
        _ => $"the stream ended before a message came, after {lines} lines",
    };
}
