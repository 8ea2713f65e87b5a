using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>One request's wish to read a channel.</summary>
internal sealed record ChannelReading(
    ChannelRegistry Registry,
    ChannelBacking Channel,
    EventStreamSubscriptionOptions? Subscription,
    EventStreamProtocol Protocol,
    string ConnectionId,
    string? User,
    long JoinedAtUtcTicks,
    CancellationToken CancellationToken)
{
    /// <summary>Whether a message is for it: a message for one user never is for another, whatever the subscription says.</summary>
    public bool Accepts(in RingEntry entry)
    {
        if (entry.Metadata is { } metadata)
        {
            if (metadata.User is not null && metadata.User != User) return false;
            if (metadata.Sender is not null && metadata.Sender == Subscription?.ExceptSender) return false;
        }

        return Subscription?.Filter is not { } filter || filter(new(entry.Sequence, entry.Event, entry.Metadata));
    }

    /// <summary>The event name that a message has on this stream.</summary>
    /// <exception cref="ArgumentException">The subscription's function gives it a name that it cannot have.</exception>
    public string? EventNameOf(string? own)
    {
        if (Subscription?.EventName is not { } nameOf) return own;
        var name = nameOf(Channel.Name, own);

        // Its own is allowed in its channel, whose protocol may be another than the stream's.
        if (name != own) ReservedEvents.Check(name, Protocol);
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
