using System.Text;

namespace EventStream.Testing;

/// <summary>One event, as a browser's <c>MessageEvent</c> would have it.</summary>
/// <remarks>Two are equal if a client sees the same: event, data and last event id. HTML, section 9.2.6, "dispatch the event".</remarks>
/// <param name="Event">The event's type: <c>message</c> if the server named none.</param>
/// <param name="Data">The data, its lines joined by LF. Empty, never null.</param>
/// <param name="LastEventId">The position after this event, sent with it or before it; empty if there is none.</param>
public sealed record TestEvent(string Event, string Data, string LastEventId)
{
    /// <summary>The id that came with this event itself; null if it brought none.</summary>
    public string? Id { get; init; }

    /// <summary>The text of its block on the wire, comments inside it included. The LF of a CRLF at its very end is not in it.</summary>
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
