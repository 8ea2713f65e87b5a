using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>The position of a message in its channel; a client sends it back as <c>Last-Event-ID</c>.</summary>
/// <remarks>
/// Its text is formatted only by <see cref="ToString"/>. <see langword="default"/> is a position of no channel, without a special meaning:
/// reading after it gives a gap.
/// </remarks>
public readonly record struct EventStreamPosition : IComparable<EventStreamPosition>, ISpanParsable<EventStreamPosition>
{
    private readonly string? _epoch;

    /// <summary>Creates a position from its parts, such as two columns of a table.</summary>
    /// <remarks>
    /// The constructor does not check the epoch's form. An epoch that <see cref="NewEpoch"/> could not draw is refused later: by a channel
    /// that gets it from a log, and by <see cref="TryParse(string?, out EventStreamPosition)"/>.
    /// </remarks>
    /// <param name="epoch">The channel's epoch, from <see cref="NewEpoch"/>; not empty.</param>
    /// <param name="sequence">The number of the message in its channel; from 0 to 99,999,999,999,999.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="epoch"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="epoch"/> is empty.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sequence"/> is out of its range.
    /// </exception>
    public EventStreamPosition(string epoch, long sequence)
    {
        ArgumentException.ThrowIfNullOrEmpty(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, Positions.MaxSequence);
        _epoch = epoch;
        Sequence = sequence;
    }

    /// <summary>The epoch: the identity of one history of the channel.</summary>
    /// <value>
    /// 9 digits and small letters, without <c>i</c>, <c>l</c>, <c>o</c> and <c>u</c>. Every channel has another epoch, and gets a new one
    /// when its history is lost. Empty in the default position.
    /// </value>
    public string Epoch => _epoch ?? "";

    /// <summary>The number of the message in its channel and epoch.</summary>
    /// <value>1 for the first message, and one more for each next one, without omissions. 0: before the first message.</value>
    public long Sequence { get; }

    /// <summary>Whether one position is before another of the same epoch.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>False if the epochs differ, like every comparison of such positions.</returns>
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

    /// <summary>Draws a new epoch or origin, for implementations of <see cref="IEventStreamLog"/>.</summary>
    /// <remarks>
    /// Draw it in the step that creates the channel, and draw another one for every attempt. An epoch that is used twice names two
    /// histories. A client that resumes in the second with a position of the first would lose messages without a gap. Safe from any thread.
    /// </remarks>
    /// <param name="channel">The channel's name; not empty.</param>
    /// <returns>
    /// 9 digits and small letters, without <c>i</c>, <c>l</c>, <c>o</c> and <c>u</c>: three come from the name, and six are random.
    /// </returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="channel"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="channel"/> is empty.
    /// </exception>
    public static string NewEpoch(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return Positions.NewEpoch(channel);
    }

    /// <summary>Reads a position from its text.</summary>
    /// <param name="s">The text that <see cref="ToString"/> returned.</param>
    /// <param name="provider">Not used; null by default.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="s"/> is null.
    /// </exception>
    /// <exception cref="FormatException">The text is not one position.</exception>
    public static EventStreamPosition Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static EventStreamPosition Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var position)
            ? position
            : throw new FormatException(
                "The text is not the position of a message. A position is an epoch, a hyphen and a number, such as 'k2v0q7xym-42'.");

    /// <summary>Reads a position from its text, if it is one.</summary>
    /// <remarks>
    /// Not every <c>Last-Event-ID</c> is one position. The id of a stream of several channels has several. The id of a complete channel has
    /// the end mark <c>.end</c>. Minimal APIs call this method for a parameter of this type.
    /// </remarks>
    /// <param name="s">Any text, or null.</param>
    /// <param name="result">The position; the default one if there is none.</param>
    /// <returns>Whether it is the text of one position, of any channel.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, out EventStreamPosition result) => TryParse(s.AsSpan(), null, out result);

    /// <inheritdoc cref="TryParse(string?, out EventStreamPosition)" path="/summary|/remarks|/returns"/>
    /// <param name="s">Any text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The position; the default one if there is none.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out EventStreamPosition result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, out EventStreamPosition)" path="/summary|/remarks|/returns"/>
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
    /// For sorting. Epochs have no order in time, so their texts are compared, to give a list of several epochs some order. To know whether
    /// one message came before another, use the operators: they are false if the epochs differ, like those of <see cref="double.NaN"/>.
    /// </remarks>
    /// <param name="other">The other position.</param>
    public int CompareTo(EventStreamPosition other) =>
        string.CompareOrdinal(Epoch, other.Epoch) is var epochs && epochs != 0 ? epochs : Sequence.CompareTo(other.Sequence);

    /// <summary>The id on the wire: epoch and sequence, at most 24 characters. The default position has an empty text.</summary>
    public override string ToString() => _epoch is null ? "" : $"{_epoch}-{Sequence}";
}
