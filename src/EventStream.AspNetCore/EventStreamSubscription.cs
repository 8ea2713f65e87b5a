using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>The channels that a request subscribes to, and which of their messages it gets.</summary>
/// <remarks>
/// <para>Immutable, and safe to share between requests. A name converts to a subscription of that channel.</para>
/// <para>
/// The client may have sent the names, so the server checks them when it answers. No name, an empty name, or more than
/// <see cref="MaxChannels"/> names get 400 with the reason. A name that matches no channel gets 404.
/// </para>
/// </remarks>
public sealed record EventStreamSubscription
{
    /// <summary>The maximum number of channels of one stream, because their positions must fit into an id of 128 bytes.</summary>
    public const int MaxChannels = Positions.MaxCount;

    // One object for all, because each open stream would otherwise keep its own.
    private static readonly EventStreamSubscriptionOptions AllMessages = new();

    /// <summary>Creates a subscription of channels, by their names.</summary>
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

    /// <summary>All properties except the names; the subscribers read by them.</summary>
    internal EventStreamSubscriptionOptions Options { get; private init; } = AllMessages;

    /// <summary>The reason for the client why the names are not valid; null if they are.</summary>
    internal string? Fault =>
        Channels.Count == 0 ? $"The subscription names no channel. Name from 1 to {MaxChannels}."
        : Channels.Contains("") ? "The name of a channel is empty."
        : Channels.Count <= MaxChannels ? null
        : $"One stream has at most {MaxChannels} channels, and the subscription names {Channels.Count}. "
            + "Open another stream for the others.";

    /// <summary>Converts a channel's name to a subscription of that channel.</summary>
    /// <param name="channel">Its name; null is an empty name.</param>
    public static implicit operator EventStreamSubscription(string? channel) => new([channel]);
}
