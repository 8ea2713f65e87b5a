namespace EventStream.Client;

/// <summary>One event of a stream.</summary>
/// <remarks>It has what a browser's <c>MessageEvent</c> has (HTML, section 9.2.6, "dispatch the event").</remarks>
public readonly record struct EventStreamClientEvent
{
    internal const string DefaultType = "message";

    // The default value is stored as null, so that an event whose type was set to the default equals one whose type was not set.
    private readonly string? _event;
    private readonly string? _data;
    private readonly string? _lastEventId;

    /// <summary>The event's type; <c>message</c> if the server sent none.</summary>
    public string Event
    {
        get => _event ?? DefaultType;
        init => _event = value == DefaultType ? null : value;
    }

    /// <summary>The data, its lines joined by LF.</summary>
    /// <value>Empty if there is none; never null.</value>
    public string Data
    {
        get => _data ?? "";
        init => _data = value is "" ? null : value;
    }

    /// <summary>The position after this event: the last id that the server sent, with this event or before it.</summary>
    /// <value>Empty if the server sent no id, or reset it with an empty one.</value>
    /// <remarks>
    /// Store it together with the result of the event. After a restart of the app, give it to
    /// <see cref="EventStreamClientOptions.LastEventId"/>: the reading continues after this event.
    /// </remarks>
    public string LastEventId
    {
        get => _lastEventId ?? "";
        init => _lastEventId = value is "" ? null : value;
    }

    /// <summary>The gap that this event announces; null for every other event.</summary>
    /// <remarks>The missing messages lie before the event that follows.</remarks>
    public EventStreamClientGap? Gap { get; init; }
}
