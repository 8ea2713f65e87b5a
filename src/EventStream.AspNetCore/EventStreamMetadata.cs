namespace EventStream.AspNetCore;

/// <summary>The publisher's metadata of a message, by which subscriptions choose; it is never sent.</summary>
/// <remarks>Immutable, and kept as long as the message: share one object between messages with the same metadata.</remarks>
public sealed record EventStreamMetadata
{
    /// <summary>The thing whose state the message has, such as an order's number.</summary>
    /// <remarks>
    /// In a channel with <see cref="EventStreamChannelOptions.LatestByKey"/>, the message replaces the retained message with the same key
    /// and the same <see cref="User"/>.
    /// </remarks>
    /// <value>Null by default: it replaces nothing. Compared by ordinal.</value>
    public string? Key { get; init; }

    /// <summary>The only user who receives the message.</summary>
    /// <remarks>Subscriptions with another <see cref="EventStreamSubscription.User"/>, or none, do not get it.</remarks>
    /// <value>Null by default: all users. Compared by ordinal.</value>
    public string? User { get; init; }

    /// <summary>
    /// The sender: a subscription with the same <see cref="EventStreamSubscription.ExceptSender"/> does not get the message.
    /// </summary>
    /// <value>Null by default. Compared by ordinal. Usually a connection id or a user id.</value>
    public string? Sender { get; init; }

    /// <summary>The publisher's own name for the message, so that publishing it twice publishes it once.</summary>
    /// <remarks>
    /// If the channel retains a message with the same key, nothing is published, and the result is that message's position. Messages that
    /// are published together share one key, the list's; it never equals the key of a single message. A list is recognised as a whole, as
    /// long as its last message is retained. A list of another length with the same key throws an <see cref="InvalidOperationException"/>.
    /// </remarks>
    /// <value>
    /// Null by default: each publish is a new message. From 1 to 256 characters, compared by ordinal; one key for each message or list.
    /// </value>
    public string? IdempotencyKey { get; init; }

    /// <summary>Any other value for a <see cref="EventStreamSubscription.Filter"/>.</summary>
    /// <value>Null by default. The object must not change. With a log it must be a string.</value>
    public object? Tag { get; init; }
}
