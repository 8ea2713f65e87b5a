namespace EventStream.AspNetCore;

/// <summary>Which messages of its channels a stream sends, and where it begins.</summary>
/// <remarks>
/// Use it for a stream of a given channel: <c>Results.EventStream(channel, new() { Filter = … })</c>. An
/// <see cref="EventStreamSubscription"/> has the same properties, and also the names of its channels. Immutable, and safe to share between
/// requests.
/// </remarks>
public sealed record EventStreamSubscriptionOptions
{
    /// <summary>Where a subscriber without a position begins.</summary>
    /// <remarks>It does not apply after a gap: then a subscriber gets all retained messages.</remarks>
    /// <value>Null by default: each channel's own <see cref="EventStreamChannelOptions.Start"/>.</value>
    public EventStreamStart? Start { get; init; }

    /// <summary>Decides whether the stream sends a message.</summary>
    /// <remarks>
    /// It is called for each message, on a thread that delivers to many subscribers: it must be quick, and must not block. Reading the data
    /// decodes it again for each subscriber. Its exceptions are faults of its own stream only.
    /// </remarks>
    /// <value>Null by default: all messages. It gets a message's own event name, and not that of <see cref="RenameEvent"/>.</value>
    public Func<EventStreamEntry, bool>? Filter { get; init; }

    /// <summary>Returns a message's event name on this stream, from its channel's name and its own event name.</summary>
    /// <remarks>
    /// <para>
    /// With <c>(channel, name) => channel</c>, a client knows which of several channels a message is of. A name that is null, empty or
    /// <c>message</c> is the default event. Data, ids and positions stay as they are, so a client may resume without this option.
    /// </para>
    /// <para>
    /// It is called for each message, also those of a snapshot, on the same thread as <see cref="Filter"/>. A changed name must have no CR,
    /// LF or NUL, and must not be reserved (see <see cref="EventStreamProtocol.AllowedEvents"/>). Otherwise it is a fault of the stream.
    /// Events of the <see cref="EventStreamProtocol"/> keep their names: the data of a gap has its channel.
    /// </para>
    /// </remarks>
    /// <value>Null by default: each message has its own event name, and all subscribers share its bytes.</value>
    public Func<string, string?, string?>? RenameEvent { get; init; }

    /// <summary>The user of the stream; it gets the messages with the same <see cref="EventStreamMetadata.User"/>.</summary>
    /// <value>
    /// Null by default: the value of the request's name identifier claim, or else of its claim <c>sub</c>. Compared by ordinal.
    /// </value>
    public string? User { get; init; }

    /// <summary>The sender whose messages the stream leaves out, usually the client's own.</summary>
    /// <value>Null by default: it leaves out no message. Compared by ordinal with <see cref="EventStreamMetadata.Sender"/>.</value>
    public string? ExceptSender { get; init; }
}
