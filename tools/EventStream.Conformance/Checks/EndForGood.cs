using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>How the server stops a browser from reconnecting without end.</summary>
internal sealed class EndForGood() : Check(
    "204 after the end",
    "A client that has seen the end reconnects nevertheless, and 204 No Content stops it (WHATWG HTML, 9.2.1); "
    + "otherwise an EventSource receives a finished stream again and again.",
    Role.Finite)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Finite);
        string? last = null;
        await using (var stream = await subject.OpenAsync(address))
        {
            // The id of a block that is no event moves a client's position too.
            var deadline = new Deadline(subject.Limits.Message);
            while (await stream.NextLineAsync(deadline) is not null) last = stream.Latest?.Id ?? last;
            if (stream.End == BodyEnd.Open) return Outcome.Lack($"it did not end within {Duration.Show(subject.Limits.Message)}");
        }

        if (string.IsNullOrEmpty(last))
        {
            return Outcome.Lack("it ended without any id, so nothing tells the server that the client has seen the end");
        }

        await using var again = await subject.SendAsync(address, last);
        var head = await again.ExpectHeadAsync(subject.Limits.Message);
        var asked = $"to Last-Event-ID: {Printable.Of(last)} it answered {head.Answer}";
        if (head.Status == 204) return Outcome.Pass(asked);
        return await again.NextEventAsync(new(subject.Limits.Message)) is { } replayed
            ? Outcome.Lack($"{asked}, and the stream continued with id {Printable.Of(replayed.Id ?? "none")}")
            : Outcome.Lack(asked);
    }
}
