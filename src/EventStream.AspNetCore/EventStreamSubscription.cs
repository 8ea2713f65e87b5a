using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>The channels that a request subscribes to, and which of their messages it wants.</summary>
/// <remarks>
/// <para>Immutable, and safe to share between requests. A name converts to a subscription of that channel.</para>
/// <para>
/// The names may come from the client, so they are checked when the request is answered. No name, an empty one, and more than
/// <see cref="MaxChannels"/> names get 400 with the reason. A name that no channel has gets 404.
/// </para>
/// </remarks>
public sealed record EventStreamSubscription
{
    /// <summary>The most channels that one connection can follow: so many positions fit into an id of 128 bytes.</summary>
    public const int MaxChannels = Positions.MaxCount;

    // Shared, because a stream keeps it as long as it is open.
    private static readonly EventStreamSubscriptionOptions AllMessages = new();

    /// <summary>A subscription of channels, by their names.</summary>
    /// <param name="channels">From one to <see cref="MaxChannels"/> names. A repeated name counts once, and null is an empty name.</param>
    public EventStreamSubscription(params IEnumerable<string?> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        Channels = [.. channels.Select(name => name ?? "").Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The names of the channels, each once.</summary>
    public IReadOnlyList<string> Channels { get; }

    /// <inheritdoc cref="EventStreamSubscriptionOptions.Start"/>
    public EventStreamStart? Start
    {
        get => Options.Start;
        init => Options = Options with { Start = value };
    }

    /// <inheritdoc cref="EventStreamSubscriptionOptions.Filter"/>
    public Func<EventStreamEntry, bool>? Filter
    {
        get => Options.Filter;
        init => Options = Options with { Filter = value };
    }

    /// <inheritdoc cref="EventStreamSubscriptionOptions.RenameEvent"/>
    public Func<string, string?, string?>? RenameEvent
    {
        get => Options.RenameEvent;
        init => Options = Options with { RenameEvent = value };
    }

    /// <inheritdoc cref="EventStreamSubscriptionOptions.User"/>
    public string? User
    {
        get => Options.User;
        init => Options = Options with { User = value };
    }

    /// <inheritdoc cref="EventStreamSubscriptionOptions.ExceptSender"/>
    public string? ExceptSender
    {
        get => Options.ExceptSender;
        init => Options = Options with { ExceptSender = value };
    }

    /// <summary>All but the names: what its subscribers read by.</summary>
    internal EventStreamSubscriptionOptions Options { get; private init; } = AllMessages;

    /// <summary>Why no connection can follow these channels, for the client; null if one can.</summary>
    internal string? Fault =>
        Channels.Count == 0 ? $"No channel is named. Name from 1 to {MaxChannels}."
        : Channels.Contains("") ? "The name of a channel is empty."
        : Channels.Count <= MaxChannels ? null
        : $"One connection follows at most {MaxChannels} channels, and {Channels.Count} are named. Open another connection for the others.";

    /// <summary>A subscription of one channel.</summary>
    /// <param name="channel">Its name; null is an empty name.</param>
    public static implicit operator EventStreamSubscription(string? channel) => new([channel]);
}
