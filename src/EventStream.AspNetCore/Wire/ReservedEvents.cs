using System.Diagnostics.CodeAnalysis;

namespace EventStream.AspNetCore.Wire;

/// <summary>Event names that an app's messages may have only if <see cref="EventStreamProtocol.AllowedEvents"/> allows them.</summary>
internal static class ReservedEvents
{
    public const string Gap = "stream-gap";
    public const string End = "stream-end";

    /// <summary>Whether a browser would call a handler that is not meant for messages.</summary>
    public static bool CallsAHandler([NotNullWhen(true)] string? name) => name is "error" or "open";

    /// <summary>Whether the name is reserved in every protocol.</summary>
    public static bool Contains(string? name) => name is Gap or End || CallsAHandler(name);

    /// <summary>Throws if the event name of an app's message is reserved.</summary>
    /// <exception cref="ArgumentException">The name is reserved, and the protocol does not allow it.</exception>
    public static void Check(string? name, EventStreamProtocol protocol)
    {
        if (name is null || !(Contains(name) || IsNotice(name, protocol)) || protocol.AllowedEvents.Contains(name)) return;
        var reason = CallsAHandler(name)
            ? $"would call the page's own on{name} handler"
            : "would look like the library's own event for a gap, an end or a beginning";
        throw Invalid(
            nameof(EventStreamMessage.Event),
            $"An event named '{name}' {reason}. "
            + "Choose another name, or add it to AllowedEvents of the EventStreamProtocol of the channel or the stream.");
    }

    private static ArgumentException Invalid(string field, string reason) => new(reason, field);

    private static bool IsNotice(string name, EventStreamProtocol protocol) =>
        name == protocol.Gap?.Event || name == protocol.End?.Event || name == protocol.First?.Event
            || name == protocol.Unauthorized?.Event;
}
