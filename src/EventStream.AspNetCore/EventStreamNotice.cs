using System.ComponentModel;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>An event that the library sends by itself, such as the end of a stream: its name, and a function for its data.</summary>
/// <remarks>
/// The name is known before any event is sent, so that no message of the app's can be taken for it; see
/// <see cref="EventStreamProtocol.AllowedEvents"/>. Immutable, and safe to share between streams and threads.
/// </remarks>
/// <typeparam name="T">What the event tells of.</typeparam>
[TypeConverter(typeof(CodeText))]
public sealed class EventStreamNotice<T>
{
    private readonly Func<T, EventStreamData>? _data;

    /// <summary>An event without a name, the default event.</summary>
    /// <param name="data">
    /// From what the event tells of to its data. Called on the stream's own loop, for each stream: it must be quick, and may run on several
    /// threads at once. What it throws is a fault of the stream, and so is no data.
    /// </param>
    public EventStreamNotice(Func<T, EventStreamData> data)
        : this(null, data)
    {
    }

    /// <summary>An event with a name.</summary>
    /// <param name="event">
    /// The name, by the rule of <see cref="EventStreamMessage.Event"/>; null, empty and <c>message</c> are the default event. For
    /// <c>error</c> and <c>open</c> see <see cref="EventStreamProtocol.AllowedEvents"/>.
    /// </param>
    /// <param name="data"><inheritdoc cref="EventStreamNotice{T}(Func{T, EventStreamData})" path="/param[@name='data']"/></param>
    /// <exception cref="ArgumentException">The name has a CR, LF or NUL.</exception>
    public EventStreamNotice(string? @event, Func<T, EventStreamData> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Message = new() { Event = @event };
        _data = data;
    }

    internal EventStreamNotice(in EventStreamMessage message) => Message = message;

    /// <summary>The name; null for the default event.</summary>
    public string? Event => EventFields.IsDefaultEvent(Message.Event) ? null : Message.Event;

    /// <summary>The message, without data where there is a function for that.</summary>
    internal EventStreamMessage Message { get; }

    internal EventStreamMessage MessageFor(T subject)
    {
        if (_data is null) return Message;
        var data = _data(subject);
        return data.HasValue
            ? Message with { Data = data }
            : throw new InvalidOperationException(
                $"The data of the event '{Event ?? "message"}' is null, and clients would not dispatch it. "
                + "Return an empty string, or set the notice to null to send none.");
    }
}
