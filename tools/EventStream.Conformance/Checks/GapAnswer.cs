using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>How a server answers a position from which it cannot go on.</summary>
/// <param name="IsTold">Whether the client can see that something is missing.</param>
/// <param name="First">The first event; null where none came.</param>
/// <param name="Seen">What was seen.</param>
internal sealed record GapAnswer(bool IsTold, Block? First, string Seen)
{
    /// <summary>Resumes with a position, and reads the first event: its type must differ from those of the stream.</summary>
    public static async Task<GapAnswer> OfAsync(Subject subject, Uri address, string position, IReadOnlyCollection<Block> usual)
    {
        await using var stream = await subject.SendAsync(address, position);
        var head = await stream.ExpectHeadAsync(subject.Limits.Message);
        if (head.WhyNoStream is { } why) return new(false, null, $"answered by {why}, which ends an EventSource for good");
        return await stream.NextEventAsync(new(subject.Limits.Message)) switch
        {
            null => new(false, null, $"no event came within {Duration.Show(subject.Limits.Message)}"),
            { } first when usual.Any(message => message.Type == first.Type) =>
                new(
                    false,
                    first,
                    $"ignored, the first event was '{Printable.Of(first.Type)}' with id {Printable.Of(first.Id ?? "none")}, as if nothing "
                    + "were missing"),
            { } first => new(true, first, $"announced by an event '{Printable.Of(first.Type)}'"),
        };
    }
}
