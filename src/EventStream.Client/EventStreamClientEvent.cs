namespace EventStream.Client;

/// <summary>One event of a stream, as a browser's <c>MessageEvent</c> would have it.</summary>
/// <remarks>HTML, section 9.2.6, "dispatch the event".</remarks>
public readonly record struct EventStreamClientEvent
{
    internal const string DefaultType = "message";

    // Null is the default, so that an event that was given it and one that was not are equal.
    private readonly string? _event;
    private readonly string? _data;
    private readonly string? _lastEventId;

    /// <summary>The event's type: <c>message</c> if the server named none.</summary>
    public string Event
    {
        get => _event ?? DefaultType;
        init => _event = value == DefaultType ? null : value;
    }

    /// <summary>The data, its lines joined by LF. Empty, never null.</summary>
    public string Data
    {
        get => _data ?? "";
        init => _data = value is "" ? null : value;
    }

    /// <summary>
    /// The position after this event: the last id the server has sent, with this event or before it, or the empty string if there is none
    /// or the server has reset it. Kept beside what was made of the event, it is where <see cref="EventStreamClientOptions.LastEventId"/>
    /// goes on after a restart of the client.
    /// </summary>
    public string LastEventId
    {
        get => _lastEventId ?? "";
        init => _lastEventId = value is "" ? null : value;
    }

    /// <summary>
    /// What is missing before the event that follows; null, as for nearly every event, if this event does not tell of a gap.
    /// </summary>
    public EventStreamClientGap? Gap { get; init; }
}
