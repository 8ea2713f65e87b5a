using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A sign of life in silence, and which.</summary>
internal sealed class KeepAlive() : Check(
    "keep-alive",
    "In silence a comment line comes every 15 s or so (WHATWG HTML, 9.2.7), because proxies cut what is idle for 30 to 60 s. "
    + "A comment with a blank line after it, or a message of the default type, is an empty event to some clients.",
    Role.Silent)
{
    // Closer together they are one greeting at the start, and say nothing about the silence after it.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50);

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var limit = subject.Limits.KeepAlive;
        var request = subject.Request(subject.Settings.The(Role.Silent));
        await using var stream = await Listener.OpenAsync(request);
        var open = new Deadline(limit);
        request.ExpectStream(await stream.HeadAsync(limit));
        var silence = open;
        if (await NextSignAsync(stream, open) is not null)
        {
            silence = new(limit);
            while (await NextSignAsync(stream, silence) is { } sign)
            {
                if (silence.Passed >= Apart) return await JudgeAsync(stream, sign, silence.Passed);
            }
        }

        return Outcome.Lack(
            stream.End == BodyEnd.Open
                ? $"nothing came within {Duration.Show(limit)} of silence"
                : $"the stream ended after {Duration.Show(silence.Passed)} of silence");
    }

    // A comment, or an event; what else may come in silence, such as a retry, keeps a connection alive only once.
    private static async Task<Sign?> NextSignAsync(Listener stream, Deadline deadline)
    {
        while (await stream.NextLineAsync(deadline) is { } line)
        {
            if (line.IsComment) return new(line.Text, null);
            if (stream.Latest is { IsEvent: true } block) return new("", block.Type);
        }

        return null;
    }

    private static async Task<Outcome> JudgeAsync(Listener stream, Sign sign, TimeSpan after)
    {
        if (sign.Event == "message")
        {
            return Outcome.Lack($"an event of the default type after {Duration.Show(after)}, which the page takes for a message");
        }

        if (sign.Event is not null) return Outcome.Pass($"an event '{Printable.Of(sign.Event)}' after {Duration.Show(after)}");
        var seen = $"'{Printable.Of(sign.Comment)}' after {Duration.Show(after)}";
        return await stream.NextLineAsync(new(Apart)) is { IsBlank: true }
            ? Outcome.Lack($"{seen}, and a blank line, at which some clients raise an empty event")
            : Outcome.Pass($"{seen}, a comment that is no event");
    }

    private sealed record Sign(string Comment, string? Event);
}
