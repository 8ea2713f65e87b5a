using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>One message of an event stream; a client's <c>EventSource</c> dispatches it as one event.</summary>
/// <remarks>
/// Immutable and always valid: setting a field throws if the value could break the frame, or a client's resume. A message without a field
/// (<see langword="default"/>) is skipped and writes nothing. Safe to share between threads. It is a frame and never JSON: a serialiser
/// that finds one, in a property for example, throws a <see cref="NotSupportedException"/>.
/// </remarks>
/// <example><code>
/// new EventStreamMessage { Id = "42", Event = "price", Data = "MSFT 123.45" }
/// </code></example>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">HTML, section 9.2.5</seealso>
[JsonConverter(typeof(EventStreamFrameJsonConverter<EventStreamMessage>))]
[TypeConverter(typeof(NoText))]
public readonly record struct EventStreamMessage
{
    private readonly int _retryMilliseconds;

    /// <summary>The position of this message: a client that reconnects sends it back as <c>Last-Event-ID</c>.</summary>
    /// <value>
    /// Visible ASCII without spaces (U+0021 to U+007E), at most 128 characters. Not ending in <c>.end</c>, which is the end mark of a
    /// finished stream. Empty resets the client's position. Null, the default, leaves the client's position as it is.
    /// <see cref="EventStreamId.Encode"/> makes any text safe.
    /// </value>
    /// <exception cref="ArgumentException">The value is too long, ends in <c>.end</c>, or has another character.</exception>
    public string? Id
    {
        get;
        init => field = EventFields.CheckId(value);
    }

    /// <summary>The name of the event, for which a browser's page calls <c>addEventListener</c>.</summary>
    /// <value>
    /// Any text without CR, LF and NUL. Null (the default), empty and <c>message</c> are all the default event, for which no line is
    /// written. Publishing or writing a message with a reserved name, such as <c>error</c>, throws.
    /// <see cref="EventStreamProtocol.AllowedEvents"/> allows such names.
    /// </value>
    /// <exception cref="ArgumentException">The value has a CR, LF or NUL.</exception>
    public string? Event
    {
        get;
        init => field = EventFields.CheckEvent(value);
    }

    /// <summary>The payload: text, UTF-8 bytes, or an object made by <see cref="Json{T}"/>.</summary>
    /// <value>
    /// The default is no data: clients then store the id and the retry, and dispatch nothing. Empty text is data: clients dispatch an event
    /// with an empty string.
    /// </value>
    public EventStreamData Data { get; init; }

    /// <summary>How long the client waits before it reconnects, from now on.</summary>
    /// <value>
    /// Whole milliseconds (a fraction is cut off), from 1 ms to <see cref="int.MaxValue"/> ms. Null, the default, changes nothing.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public TimeSpan? Retry
    {
        get => _retryMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(_retryMilliseconds);
        init => _retryMilliseconds = EventFields.CheckRetry(value);
    }

    /// <summary>A comment for people who read the bytes of a stream; every client ignores it.</summary>
    /// <value>Any text; each of its lines becomes a comment line. Null, the default, writes none.</value>
    public string? Comment { get; init; }

    /// <summary>Whether the message has nothing to write, and is skipped.</summary>
    /// <value>True if no field is set, or only <see cref="Event"/>, to the default event.</value>
    public bool IsEmpty => Id is null && EventFields.IsDefaultEvent(Event) && !Data.HasValue && _retryMilliseconds == 0 && Comment is null;

    internal int RetryMilliseconds => _retryMilliseconds;

    /// <summary>
    /// Creates a message whose data is <paramref name="value"/> as JSON, serialised when it is written.
    /// </summary>
    /// <remarks>Add the other fields with <c>with</c>: <c>EventStreamMessage.Json(quote) with { Id = "42" }</c>.</remarks>
    /// <param name="value">The value; null is the JSON <c>null</c>. It must not change until it is written.</param>
    /// <param name="jsonTypeInfo">
    /// The contract to serialise with; null, the default, takes it from the app's JSON options
    /// (<see cref="Microsoft.AspNetCore.Http.Json.JsonOptions"/>).
    /// </param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="InvalidOperationException">The value is a frame, such as a message, or a task.</exception>
    public static EventStreamMessage Json<T>(T value, JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        PayloadType<T>.RefuseFrame(value);
        return new() { Data = EventStreamData.FromJson(new JsonPayload<T>(value, jsonTypeInfo)) };
    }
}
