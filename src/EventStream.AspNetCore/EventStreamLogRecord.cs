namespace EventStream.AspNetCore;

/// <summary>One message on its way into a log; see <see cref="IEventStreamLog.AppendAsync"/>.</summary>
public sealed record EventStreamLogRecord
{
    /// <summary>The channel's name: 1 to 256 characters, compared by ordinal.</summary>
    public required string Channel { get; init; }

    /// <summary>The message as it goes over the wire, without its id line: opaque to a log, and not to be changed.</summary>
    /// <value>Empty by default: only where <see cref="IsEnd"/> is set.</value>
    public ReadOnlyMemory<byte> Frame { get; init; }

    /// <summary>The message's event.</summary>
    /// <value>Null by default: the default event.</value>
    public string? Event { get; init; }

    /// <summary>What the publisher said about it. Its <see cref="EventStreamMetadata.Tag"/> is null or a string.</summary>
    /// <value>Null by default: nothing.</value>
    public EventStreamMetadata? Metadata { get; init; }

    /// <summary>Its place in a list of messages that have one <see cref="EventStreamMetadata.IdempotencyKey"/> together.</summary>
    /// <value>Null by default: a message of its own, or one of a list without a key. Each record of a list has the list's key.</value>
    public EventStreamListPart? Part { get; init; }

    /// <summary>
    /// Whether it replaces the retained record of the same <see cref="EventStreamMetadata.Key"/>, for the same
    /// <see cref="EventStreamMetadata.User"/>; there is a key then.
    /// </summary>
    /// <value>False by default.</value>
    public bool Replaces { get; init; }

    /// <summary>Whether it is no message, but the end of the channel. A second one changes nothing.</summary>
    /// <value>False by default.</value>
    public bool IsEnd { get; init; }
}
