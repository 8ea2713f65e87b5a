namespace EventStream.AspNetCore;

/// <summary>What a publisher says about a message, for subscriptions to choose by; it is never sent.</summary>
/// <remarks>Immutable, and kept as long as the message is: share one object between messages that have the same.</remarks>
public sealed record EventStreamMetadata
{
    /// <summary>
    /// Whose state the message tells; in a channel with <see cref="EventStreamChannelOptions.LatestByKey"/> it replaces the message of the
    /// same key, and for the same <see cref="User"/>, before it.
    /// </summary>
    /// <value>Null by default: it replaces nothing. Compared by ordinal.</value>
    public string? Key { get; init; }

    /// <summary>
    /// The only user who may receive it: subscriptions with another <see cref="EventStreamSubscription.User"/>, or none, do not see it.
    /// </summary>
    /// <value>Null by default: everybody. Compared by ordinal.</value>
    public string? User { get; init; }

    /// <summary>Who sent it: a subscription whose <see cref="EventStreamSubscription.ExceptSender"/> is the same does not see it.</summary>
    /// <value>Null by default. Compared by ordinal; a connection id or a user id.</value>
    public string? Sender { get; init; }

    /// <summary>
    /// The publisher's own name for this message, by which publishing it twice publishes it once: a message of the same key that is
    /// retained is not published again, and its position is returned.
    /// </summary>
    /// <remarks>
    /// Messages that are published together have one key, that of their list; it is never taken for the key of a single message. The list
    /// is repeated as a whole, as long as its last message is retained. A list of another length with the same key is an
    /// <see cref="InvalidOperationException"/>.
    /// </remarks>
    /// <value>
    /// Null by default: each is a message of its own. From 1 to 256 characters, compared by ordinal; one a message, or a list.
    /// </value>
    public string? IdempotencyKey { get; init; }

    /// <summary>Anything else a <see cref="EventStreamSubscription.Filter"/> may look at.</summary>
    /// <value>Null by default. It must not change. In a channel whose log outlives the process: a string.</value>
    public object? Tag { get; init; }
}
