using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>How one subscriber reads a channel.</summary>
/// <param name="Registry">The channels.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Subscription">Which of its messages it gets; null: all that are not for one user.</param>
/// <param name="Protocol">The events that are sent besides the messages; null for an app's loop, to which nothing is sent.</param>
/// <param name="Stream">Whose stream it is, and which of the messages for single users it gets.</param>
/// <param name="JoinedAtUtcTicks">When it joined.</param>
/// <param name="CancellationToken">Cancelled when it ends, for the app's functions.</param>
internal sealed record ChannelReading(
    ChannelRegistry Registry,
    ChannelBacking Channel,
    EventStreamSubscriptionOptions? Subscription,
    EventStreamProtocol? Protocol,
    StreamIdentity Stream,
    long JoinedAtUtcTicks,
    CancellationToken CancellationToken)
{
    /// <summary>Whether it gets a message. A message for one user never reaches another, whatever the filter says.</summary>
    public bool Accepts(in RingEntry entry, ChannelHistory history) => Accepts(Subscription, Stream.User, entry, history);

    /// <summary>Whether a subscription and a user get a message.</summary>
    public static bool Accepts(EventStreamSubscriptionOptions? subscription, string? user, in RingEntry entry, ChannelHistory history)
    {
        if (entry.Metadata is { } metadata)
        {
            if (metadata.User is not null && metadata.User != user) return false;
            if (metadata.Sender is not null && metadata.Sender == subscription?.ExceptSender) return false;
        }

        return subscription?.Filter is not { } filter || filter(new(entry, history));
    }

    /// <summary>Gets a message's event name on this stream, which must have a protocol.</summary>
    /// <exception cref="ArgumentException">
    /// <see cref="EventStreamSubscriptionOptions.RenameEvent"/> returned a name that is not valid.
    /// </exception>
    public string? EventNameOf(string? own)
    {
        if (Subscription?.RenameEvent is not { } nameOf) return own;
        var name = nameOf(Channel.Name, own);

        // Its own name is not checked, because its channel allowed it, and may have another protocol than the stream.
        if (name != own) ReservedEvents.Check(name, Protocol!);
        return EventFields.CheckEvent(name);
    }

    /// <summary>Calls an observer of the app, and logs its exception, which must not end the stream.</summary>
    public void Notify(Action<EventStreamSubscriber>? observer, EventStreamSubscriber subscriber)
    {
        try
        {
            observer?.Invoke(subscriber);
        }
        catch (Exception exception)
        {
            Log.ObserverThrew(Channel.Definition.Host.Logger, exception, Channel.Name);
        }
    }
}
