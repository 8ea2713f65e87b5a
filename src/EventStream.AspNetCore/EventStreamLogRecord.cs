namespace EventStream.AspNetCore;

/// <summary>A message to append to a log; see <see cref="IEventStreamLog.AppendAsync"/>.</summary>
public sealed record EventStreamLogRecord
{
    /// <summary>The channel's name: 1 to 256 characters, compared by ordinal.</summary>
    public required string Channel { get; init; }

    /// <summary>The message in the wire format, without its id line. A log must not interpret or change it.</summary>
    /// <value>Empty only if <see cref="IsEnd"/> is set.</value>
    public ReadOnlyMemory<byte> Frame { get; init; }

    /// <summary>The message's event.</summary>
    /// <value>Null by default: the default event.</value>
    public string? Event { get; init; }

    /// <summary>The publisher's metadata. Its <see cref="EventStreamMetadata.Tag"/> is null or a string.</summary>
    /// <value>Null by default: none.</value>
    public EventStreamMetadata? Metadata { get; init; }

    /// <summary>Its place in a list of messages that share one <see cref="EventStreamMetadata.IdempotencyKey"/>.</summary>
    /// <value>Null by default: a single message, or one of a list without a key. Each record of a list has the list's key.</value>
    public EventStreamListPart? Part { get; init; }

    /// <summary>
    /// Whether it replaces the retained record with the same <see cref="EventStreamMetadata.Key"/> and
    /// <see cref="EventStreamMetadata.User"/>.
    /// </summary>
    /// <value>False by default. If true, the metadata has a key.</value>
    public bool Replaces { get; init; }

    /// <summary>The token of the run that appends it; see <see cref="IEventStreamRunLog"/>.</summary>
    /// <remarks>
    /// A record with a token is appended only while that token holds the channel's run. Otherwise its result is null, and nothing is
    /// appended: neither the record nor a channel. A record without a token is not affected by a run.
    /// </remarks>
    /// <value>Null by default: no run. A log that is no <see cref="IEventStreamRunLog"/> never gets another value.</value>
    public string? RunToken { get; init; }

    /// <summary>Whether it is the end of the channel instead of a message. A second end changes nothing.</summary>
    /// <value>False by default.</value>
    public bool IsEnd { get; init; }
}
