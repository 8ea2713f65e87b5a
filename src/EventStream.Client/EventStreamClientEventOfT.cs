using System.Text;

namespace EventStream.Client;

/// <summary>One event of a stream whose data is JSON.</summary>
/// <typeparam name="T">The type of the data.</typeparam>
public readonly record struct EventStreamClientEvent<T>
{
    private readonly string? _event;
    private readonly T _data;
    private readonly string? _lastEventId;

    /// <inheritdoc cref="EventStreamClientEvent.Event"/>
    public string Event
    {
        get => _event ?? EventStreamClientEvent.DefaultType;
        init => _event = value == EventStreamClientEvent.DefaultType ? null : value;
    }

    /// <summary>The data; null where it is the JSON literal <c>null</c>.</summary>
    /// <exception cref="InvalidOperationException">This event announces a gap and has no data: check <see cref="Gap"/> first.</exception>
    public T Data
    {
        get => Gap is null
            ? _data
            : throw new InvalidOperationException(
                $"This event has no data: it announces a gap, reason '{Gap.Reason}'. Check Gap before you read Data.");
        init => _data = value;
    }

    /// <inheritdoc cref="EventStreamClientEvent.LastEventId"/>
    public string LastEventId
    {
        get => _lastEventId ?? "";
        init => _lastEventId = value is "" ? null : value;
    }

    /// <inheritdoc cref="EventStreamClientEvent.Gap"/>
    public EventStreamClientGap? Gap { get; init; }

    // The compiler's PrintMembers reads Data, so it would throw when an app logs an event that announces a gap.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Event = {Event}, ");
        if (Gap is null) builder.Append($"Data = {_data}, ");
        builder.Append($"LastEventId = {LastEventId}, Gap = {Gap}");
        return true;
    }
}
