using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A position without a message.</summary>
internal sealed class IdOnly() : Check(
    "id only",
    "A block of an id alone moves the client's position and is no event (WHATWG HTML, 9.2.6): for a client that has missed nothing yet, or "
    + "whose messages were filtered out.",
    Role.IdOnly)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        await using var stream = await subject.OpenAsync(subject.Settings.The(Role.IdOnly));
        var deadline = new Deadline(subject.Limits.Message);
        while (await stream.NextLineAsync(deadline) is not null)
        {
            if (stream.Latest is { IsEvent: false, Id: { } id }) return Outcome.Pass($"id {Printable.Of(id)}, and no event");
            if (stream.Latest is { IsEvent: true } block)
            {
                return Outcome.Lack(
                    $"no id alone; the first that came was an event with id {Printable.Of(block.Id ?? "none")} and data "
                    + $"'{Printable.Of(block.Data!)}'");
            }
        }

        return Outcome.Lack(stream.End == BodyEnd.Open
            ? $"no id within {Duration.Show(subject.Limits.Message)}"
            : "the stream ended without an id");
    }
}
