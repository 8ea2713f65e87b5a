using System.ComponentModel;
using System.Text;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>What is written when a stream has been silent for <see cref="EventStreamOptions.KeepAliveInterval"/>.</summary>
/// <remarks>In the app's configuration: <c>Comment</c>, <c>CommentAndBlankLine</c>, or <c>Event(ping)</c>.</remarks>
[TypeConverter(typeof(KeepAliveText))]
public sealed class EventStreamKeepAlive
{
    private EventStreamKeepAlive(string frame) => Frame = Encoding.UTF8.GetBytes(frame);

    /// <summary>A lone comment line (<c>:</c>), the default: no client takes it for an event.</summary>
    public static EventStreamKeepAlive Comment { get; } = new(":\n");

    /// <summary>
    /// A comment line and a blank line, for home-made clients that split the stream at blank lines. Several popular clients raise an empty
    /// event for it.
    /// </summary>
    public static EventStreamKeepAlive CommentAndBlankLine { get; } = new(":\n\n");

    internal ReadOnlyMemory<byte> Frame { get; }

    /// <summary>Whether it has no blank line, and so is part of what follows for a client that splits the stream at those.</summary>
    internal bool IsLoneLine => this == Comment;

    /// <summary>A named event with empty data, for pages that want to see that the connection lives.</summary>
    /// <param name="name">
    /// The event's name, by the rule of <see cref="EventStreamMessage.Event"/>. Not empty and not <c>message</c>, so that no page takes it
    /// for data. Not a reserved name, such as <c>error</c>.
    /// </param>
    /// <exception cref="ArgumentException">The name is not one that a keep-alive may have.</exception>
    public static EventStreamKeepAlive Event(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "message") throw new ArgumentException("A keep-alive named 'message' would be taken for data. Choose another name.", nameof(name));
        if (ReservedEvents.Contains(name)) throw new ArgumentException($"The name '{name}' is reserved. Choose another one.", nameof(name));
        return new($"event: {EventFields.CheckEvent(name)}\ndata: \n\n");
    }
}
