namespace EventStream.AspNetCore;

/// <summary>Which messages of its channels a stream sends, and where it begins.</summary>
/// <remarks>
/// For a stream of a given channel: <c>Results.EventStream(channel, new() { Filter = … })</c>. An <see cref="EventStreamSubscription"/>
/// has the same properties, and the names of its channels. Immutable, and safe to share between requests.
/// </remarks>
public sealed record EventStreamSubscriptionOptions
{
    /// <summary>Where a subscriber without a position begins.</summary>
    /// <remarks>After a gap, a subscriber gets everything that is retained, wherever this begins.</remarks>
    /// <value>Null by default: what each channel's own <see cref="EventStreamChannelOptions.Start"/> says.</value>
    public EventStreamStart? Start { get; init; }

    /// <summary>Whether the stream sends a message, by what is known about it.</summary>
    /// <remarks>
    /// It is called for each message, on the thread that delivers to many subscribers: it must be quick, and must not block. Reading the
    /// data decodes it for this subscriber alone. What it throws is a fault of its own stream, and of no other.
    /// </remarks>
    /// <value>Null by default: all messages. It sees a message's own event name, and not that of <see cref="RenameEvent"/>.</value>
    public Func<EventStreamEntry, bool>? Filter { get; init; }

    /// <summary>The event name of a message on this stream, from its channel's name and its own event name.</summary>
    /// <remarks>
    /// <para>
    /// It tells a client from which of several channels a message is: <c>(channel, name) => channel</c>. A name that is null, empty or
    /// <c>message</c> is the default event. Data, ids and positions stay as they are, so a client may resume without this option.
    /// </para>
    /// <para>
    /// It is called for each message and on the same thread as <see cref="Filter"/>, also for the messages of a snapshot. A name that it
    /// changes must have no CR, LF or NUL, and must not be reserved (see <see cref="EventStreamProtocol.AllowedEvents"/>). Otherwise it is
    /// a fault of the stream. Events of the <see cref="EventStreamProtocol"/> keep their names: the data of a gap has its channel.
    /// </para>
    /// </remarks>
    /// <value>Null by default: each message has its own event name, and its bytes are shared with all subscribers as they are.</value>
    public Func<string, string?, string?>? RenameEvent { get; init; }

    /// <summary>The user of the stream, who alone receives messages with that <see cref="EventStreamMetadata.User"/>.</summary>
    /// <value>
    /// Null by default: the request's own user, by its name identifier claim, or else by its claim <c>sub</c>. Compared by ordinal.
    /// </value>
    public string? User { get; init; }

    /// <summary>The sender whose messages the stream leaves out, usually the client's own.</summary>
    /// <value>Null by default: it leaves out none. Compared by ordinal with <see cref="EventStreamMetadata.Sender"/>.</value>
    public string? ExceptSender { get; init; }
}
