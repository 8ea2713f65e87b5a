using System.ComponentModel;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>An event that the library sends, such as the end of a stream: its name, and a function for its data.</summary>
/// <remarks>
/// The name is fixed, so that the library can refuse messages of the app with the same name; see
/// <see cref="EventStreamProtocol.AllowedEvents"/>. Immutable, and safe to share between streams and threads.
/// </remarks>
/// <typeparam name="T">The argument of the function, such as an <see cref="EventStreamGap"/>.</typeparam>
[TypeConverter(typeof(CodeText))]
public sealed class EventStreamNotice<T>
{
    private readonly Func<T, EventStreamData>? _data;

    /// <summary>An event without a name, the default event.</summary>
    /// <param name="data">
    /// Returns the event's data. Each stream calls it on its own loop: it must be quick, and may run on several threads at once. An
    /// exception, or a result without data, is a fault of the stream.
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

    /// <summary>The message; without data if a function supplies the data.</summary>
    internal EventStreamMessage Message { get; }

    internal EventStreamMessage MessageFor(T subject)
    {
        if (_data is null) return Message;
        var data = _data(subject);
        return data.HasValue
            ? Message with { Data = data }
            : throw new InvalidOperationException(
                $"The function for the data of the event '{Event ?? "message"}' returned null, and clients would not dispatch the event. "
                + "Return an empty string, or set the notice to null to send no event.");
    }
}
