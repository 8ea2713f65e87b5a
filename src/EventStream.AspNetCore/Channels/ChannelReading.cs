using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>How one subscriber reads a channel.</summary>
/// <param name="Registry">The channels.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Subscription">Which of its messages it wants; null: all that are not for one user.</param>
/// <param name="Protocol">What is sent besides the messages; null: nothing is sent, because a loop of the app's reads.</param>
/// <param name="ConnectionId">The connection's id; empty where there is no connection.</param>
/// <param name="User">The user whose messages it gets; null: there is none.</param>
/// <param name="JoinedAtUtcTicks">When it joined.</param>
/// <param name="CancellationToken">Cancelled when it ends, for code of the app's.</param>
internal sealed record ChannelReading(
    ChannelRegistry Registry,
    ChannelBacking Channel,
    EventStreamSubscriptionOptions? Subscription,
    EventStreamProtocol? Protocol,
    string ConnectionId,
    string? User,
    long JoinedAtUtcTicks,
    CancellationToken CancellationToken)
{
    /// <summary>Whether a message is for it: a message for one user never is for another, whatever the subscription says.</summary>
    public bool Accepts(in RingEntry entry, ChannelHistory history) => Accepts(Subscription, User, entry, history);

    /// <summary>The same, without a subscriber.</summary>
    public static bool Accepts(EventStreamSubscriptionOptions? subscription, string? user, in RingEntry entry, ChannelHistory history)
    {
        if (entry.Metadata is { } metadata)
        {
            if (metadata.User is not null && metadata.User != user) return false;
            if (metadata.Sender is not null && metadata.Sender == subscription?.ExceptSender) return false;
        }

        return subscription?.Filter is not { } filter || filter(new(entry, history));
    }

    /// <summary>The event name that a message has on this stream, which has a protocol.</summary>
    /// <exception cref="ArgumentException">The subscription's function gives it a name that it cannot have.</exception>
    public string? EventNameOf(string? own)
    {
        if (Subscription?.RenameEvent is not { } nameOf) return own;
        var name = nameOf(Channel.Name, own);

        // Its own is allowed in its channel, whose protocol may be another than the stream's.
        if (name != own) ReservedEvents.Check(name, Protocol!);
        return EventFields.CheckEvent(name);
    }

    /// <summary>Tells an observer of the app's, which must not end the stream.</summary>
    public void Tell(Action<EventStreamSubscriber>? observer, EventStreamSubscriber subscriber)
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
