using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>The position of one message in its channel: what a client sends back as <c>Last-Event-ID</c>.</summary>
/// <remarks>Formatted only when it is asked for its text. <see langword="default"/> is no position.</remarks>
public readonly record struct EventStreamPosition
{
    /// <summary>A position in a log; for those who implement <see cref="IEventStreamLog"/>.</summary>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="sequence">The number of the message in its channel.</param>
    public EventStreamPosition(string epoch, long sequence)
    {
        Epoch = epoch;
        Sequence = sequence;
    }

    /// <summary>
    /// Draws the epoch of a channel that a log makes, or its origin; for implementations of <see cref="IEventStreamLog"/>.
    /// </summary>
    /// <remarks>
    /// Draw it in the step that makes the channel, and another one for every other attempt. An epoch that is used twice names two
    /// histories. A client that resumes in the second one with a position of the first loses messages without a gap. Safe from any thread.
    /// </remarks>
    /// <param name="channel">The channel's name; not empty.</param>
    /// <returns>9 characters out of <c>0-9a-z</c>: three come from the name, and six are random.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="channel"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="channel"/> is empty.</exception>
    public static string NewEpoch(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return Positions.NewEpoch(channel);
    }

    /// <summary>
    /// The number of the message in its channel: 1 for the first, and one more for each that follows, without holes. 0: before the first.
    /// </summary>
    public long Sequence { get; }

    /// <summary>The history that the position is of; null in the default position.</summary>
    internal string? Epoch { get; }

    /// <summary>The id on the wire: epoch and sequence, at most 24 characters. The default position has an empty text.</summary>
    public override string ToString() => Epoch is null ? "" : $"{Epoch}-{Sequence}";
}
