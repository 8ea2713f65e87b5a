using System.ComponentModel;
using System.Text;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>The bytes that a stream writes after a silent <see cref="EventStreamOptions.KeepAliveInterval"/>.</summary>
/// <remarks>In the app's configuration: <c>Comment</c>, <c>CommentAndBlankLine</c>, or <c>Event(ping)</c>.</remarks>
[TypeConverter(typeof(KeepAliveText))]
public sealed class EventStreamKeepAlive
{
    private EventStreamKeepAlive(string frame) => Frame = Encoding.UTF8.GetBytes(frame);

    /// <summary>A lone comment line (<c>:</c>), the default: no client takes it for an event.</summary>
    public static EventStreamKeepAlive Comment { get; } = new(":\n");

    /// <summary>A comment line and a blank line, for clients that split the stream at blank lines.</summary>
    /// <remarks>Several popular clients raise an empty event for it.</remarks>
    public static EventStreamKeepAlive CommentAndBlankLine { get; } = new(":\n\n");

    internal ReadOnlyMemory<byte> Frame { get; }

    /// <summary>Whether it has no blank line. A client that splits at blank lines takes it as part of the next message.</summary>
    internal bool IsLoneLine => this == Comment;

    /// <summary>A named event with empty data, for pages that watch whether the connection is alive.</summary>
    /// <param name="name">
    /// The event's name, by the rule of <see cref="EventStreamMessage.Event"/>. Not empty and not <c>message</c>, because a page would take
    /// that for data. Not a reserved name, such as <c>error</c>.
    /// </param>
    /// <exception cref="ArgumentException">The name is not valid for a keep-alive.</exception>
    public static EventStreamKeepAlive Event(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "message")
        {
            throw new ArgumentException("A page would take a keep-alive named 'message' for data. Choose another name.", nameof(name));
        }

        if (ReservedEvents.Contains(name))
        {
            throw new ArgumentException($"The event name '{name}' is reserved. Choose another one for the keep-alive.", nameof(name));
        }

        return new($"event: {EventFields.CheckEvent(name)}\ndata: \n\n");
    }
}
