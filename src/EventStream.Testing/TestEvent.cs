using System.Text;

namespace EventStream.Testing;

/// <summary>One event of a stream.</summary>
/// <remarks>
/// It has what a browser's <c>MessageEvent</c> has (HTML, section 9.2.6, "dispatch the event"). Two events are equal if their type, data
/// and last event id are.
/// </remarks>
/// <param name="Event">The event's type; <c>message</c> if the server sent none.</param>
/// <param name="Data">The data, its lines joined by LF. Empty, never null.</param>
/// <param name="LastEventId">The position after this event, sent with it or before it; empty if there is none.</param>
public sealed record TestEvent(string Event, string Data, string LastEventId)
{
    /// <summary>The id that the server sent with this event itself; null if it sent none.</summary>
    public string? Id { get; init; }

    /// <summary>The text of the event's block on the wire, with the comments inside it.</summary>
    /// <remarks>It does not contain the LF of a CRLF at the block's end.</remarks>
    public string Raw { get; init; } = "";

    /// <inheritdoc/>
    public bool Equals(TestEvent? other) => other is not null && (Event, Data, LastEventId) == (other.Event, other.Data, other.LastEventId);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Event, Data, LastEventId);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Event = {Event}, Data = {Data}, LastEventId = {LastEventId}");
        return true;
    }
}
