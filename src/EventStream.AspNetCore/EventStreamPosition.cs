using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>The position of one message in its channel: what a client sends back as <c>Last-Event-ID</c>.</summary>
/// <remarks>
/// Formatted only when it is asked for its text. <see langword="default"/> is a position of no channel and means nothing special: to read
/// after it is a gap.
/// </remarks>
public readonly record struct EventStreamPosition : IComparable<EventStreamPosition>, ISpanParsable<EventStreamPosition>
{
    private readonly string? _epoch;

    /// <summary>Makes a position from its parts, such as two columns of a table.</summary>
    /// <remarks>
    /// The form of the epoch is not checked. A channel takes no position from a log whose epoch <see cref="NewEpoch"/> could not have
    /// drawn, and <see cref="TryParse(string?, out EventStreamPosition)"/> does not read it.
    /// </remarks>
    /// <param name="epoch">The channel's epoch, as <see cref="NewEpoch"/> draws them; not empty.</param>
    /// <param name="sequence">The number of the message in its channel; from 0 to 99,999,999,999,999.</param>
    /// <exception cref="ArgumentNullException"><paramref name="epoch"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="epoch"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sequence"/> is out of its range.</exception>
    public EventStreamPosition(string epoch, long sequence)
    {
        ArgumentException.ThrowIfNullOrEmpty(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, Positions.MaxSequence);
        _epoch = epoch;
        Sequence = sequence;
    }

    /// <summary>The identity of the channel's history that the position is of.</summary>
    /// <value>
    /// 9 digits and small letters, without <c>i</c>, <c>l</c>, <c>o</c> and <c>u</c>. Another channel, and the same channel after its
    /// history was lost, has another one. Empty in the default position.
    /// </value>
    public string Epoch => _epoch ?? "";

    /// <summary>
    /// The number of the message in its channel: 1 for the first, and one more for each that follows, without holes. 0: before the first.
    /// </summary>
    public long Sequence { get; }

    /// <summary>Whether one position is before another of the same epoch.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>False where the epochs differ, like every comparison of such positions.</returns>
    public static bool operator <(EventStreamPosition left, EventStreamPosition right) =>
        left.Epoch == right.Epoch && left.Sequence < right.Sequence;

    /// <summary>Whether one position is after another of the same epoch.</summary>
    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(EventStreamPosition left, EventStreamPosition right) => right < left;

    /// <summary>Whether one position is before another of the same epoch, or the same.</summary>
    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(EventStreamPosition left, EventStreamPosition right) =>
        left.Epoch == right.Epoch && left.Sequence <= right.Sequence;

    /// <summary>Whether one position is after another of the same epoch, or the same.</summary>
    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(EventStreamPosition left, EventStreamPosition right) => right <= left;

    /// <summary>
    /// Draws the epoch of a channel that a log makes, or its origin; for implementations of <see cref="IEventStreamLog"/>.
    /// </summary>
    /// <remarks>
    /// Draw it in the step that makes the channel, and another one for every other attempt. An epoch that is used twice names two
    /// histories. A client that resumes in the second one with a position of the first loses messages without a gap. Safe from any thread.
    /// </remarks>
    /// <param name="channel">The channel's name; not empty.</param>
    /// <returns>
    /// 9 digits and small letters, without <c>i</c>, <c>l</c>, <c>o</c> and <c>u</c>: three come from the name, and six are random.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="channel"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="channel"/> is empty.</exception>
    public static string NewEpoch(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return Positions.NewEpoch(channel);
    }

    /// <summary>Reads a position from its text.</summary>
    /// <param name="s">What <see cref="ToString"/> returned.</param>
    /// <param name="provider">Not used; null by default.</param>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is null.</exception>
    /// <exception cref="FormatException">It is not the text of one position.</exception>
    public static EventStreamPosition Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static EventStreamPosition Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, provider, out var position)
        ? position
        : throw new FormatException("This is not the position of a message. Its text is an epoch, a hyphen and a number, such as 'k2v0q7xym-42'.");

    /// <summary>Reads a position from its text, if it is one.</summary>
    /// <remarks>
    /// A <c>Last-Event-ID</c> is not always one. That of a stream of several channels has several positions. That of a channel which has
    /// ended has the end mark <c>.end</c>. A minimal API calls this for a parameter of this type.
    /// </remarks>
    /// <param name="s">Any text, or null.</param>
    /// <param name="result">The position; the default one if there is none.</param>
    /// <returns>Whether it is the text of one position, of any channel.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, out EventStreamPosition result) => TryParse(s.AsSpan(), null, out result);

    /// <inheritdoc cref="TryParse(string?, out EventStreamPosition)"/>
    /// <param name="s">Any text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The position; the default one if there is none.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out EventStreamPosition result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, out EventStreamPosition)"/>
    /// <param name="s">Any text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The position; the default one if there is none.</param>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out EventStreamPosition result)
    {
        result = default;
        if (!Positions.TryParse(s, out var epoch, out var sequence)) return false;
        result = new(epoch.ToString(), sequence);
        return true;
    }

    /// <summary>Orders positions by their epochs, and those of one epoch by their sequences.</summary>
    /// <remarks>
    /// For sorting. Two epochs have no order in time; their texts are compared, so that a list of positions of several has one. Compare
    /// with the operators to know whether a message came before another: they are false where the epochs differ, as those of
    /// <see cref="double.NaN"/> are.
    /// </remarks>
    /// <param name="other">The other position.</param>
    public int CompareTo(EventStreamPosition other) =>
        string.CompareOrdinal(Epoch, other.Epoch) is var epochs && epochs != 0 ? epochs : Sequence.CompareTo(other.Sequence);

    /// <summary>The id on the wire: epoch and sequence, at most 24 characters. The default position has an empty text.</summary>
    public override string ToString() => _epoch is null ? "" : $"{_epoch}-{Sequence}";
}
