using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>What one request wants to hear: one channel or several, and which of their messages.</summary>
/// <remarks>Immutable; it may be shared by requests that want the same. A name converts to a subscription of that channel.</remarks>
public sealed record EventStreamSubscription
{
    /// <summary>The most channels that one connection can follow: so many positions fit into an id of 128 bytes.</summary>
    public const int MaxChannels = Positions.MaxCount;

    /// <summary>A subscription of channels, by their names.</summary>
    /// <param name="channels">From one to <see cref="MaxChannels"/> names; one that is named twice counts once.</param>
    /// <exception cref="ArgumentException">There is none, there are too many, or a name is empty.</exception>
    public EventStreamSubscription(params IEnumerable<string> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        Channels = [.. channels.Distinct(StringComparer.Ordinal)];
        if (Channels.Count == 0) throw new ArgumentException("A subscription needs a channel.", nameof(channels));
        if (Channels.Any(string.IsNullOrEmpty)) throw new ArgumentException("A channel's name is empty.", nameof(channels));
        if (Channels.Count > MaxChannels)
        {
            throw new ArgumentException(
                $"One connection follows at most {MaxChannels} channels, because their positions must fit into one id, and {Channels.Count} were named. Open another connection, or publish to one channel and filter it.",
                nameof(channels));
        }
    }

    /// <summary>The names of the channels, each once.</summary>
    public IReadOnlyList<string> Channels { get; }

    /// <summary>Where a subscriber without a position begins.</summary>
    /// <value>Null by default: what each channel's own <see cref="EventStreamChannelOptions.Start"/> says.</value>
    public EventStreamStart? Start { get; init; }

    /// <summary>Which messages it wants, by what is known about them.</summary>
    /// <value>Null by default: all. Called for each message on the thread that delivers to many subscribers: it must be quick, must not block, and must not throw. Reading the data decodes it for this subscriber alone.</value>
    public Func<EventStreamEntry, bool>? Filter { get; init; }

    /// <summary>The user it is for, who alone receives the messages that are for that user.</summary>
    /// <value>Null by default: the request's own user, by the name identifier claim.</value>
    public string? User { get; init; }

    /// <summary>The sender whose messages it does not want, usually its own.</summary>
    /// <value>Null by default: none.</value>
    public string? ExceptSender { get; init; }

    /// <summary>A subscription of one channel.</summary>
    /// <param name="channel">Its name.</param>
    public static implicit operator EventStreamSubscription(string channel) => new(channel);
}
