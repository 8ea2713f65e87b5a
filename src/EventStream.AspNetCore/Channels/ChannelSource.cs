using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Channels;

/// <summary>One channel, or several, as the source of a response.</summary>
/// <param name="registry">The channels of the app.</param>
/// <param name="channels">The channels of the response.</param>
/// <param name="subscription">Which of their messages the response gets; null: all that are not for one user.</param>
/// <param name="arePoliciesChecked">
/// Whether the request has met the channels' policies. False for a channel that the app's handler has chosen by its own decision.
/// </param>
internal sealed class ChannelSource(
    ChannelRegistry registry,
    IReadOnlyList<WantedChannel> channels,
    EventStreamSubscriptionOptions? subscription,
    bool arePoliciesChecked = false) : FrameSource
{
    public override bool NeedsToken => channels.Any(channel => channel.Definition.Options.OnGap is not null);

    public override bool HasCheckedPolicies =>
        arePoliciesChecked && channels.Any(channel => channel.Definition.Options.AuthorizationPolicy is not null);

    public override StringValues ChannelNames => channels is [var one] ? one.Name : channels.Select(channel => channel.Name).ToArray();

    public override string? User => subscription?.User;

    public override async ValueTask<bool> IsFinishedAsync(string lastEventId)
    {
        var histories = new KnownHistory?[channels.Count];
        for (var i = 0; i < histories.Length; i++)
        {
            var (name, definition, history, _) = channels[i];
            histories[i] = history ?? await registry.FindHistoryAsync(name, definition, lastEventId);
        }

        return Positions.AreOver(lastEventId, histories);
    }

    public static ChannelSource Of(EventStreamChannel channel, EventStreamSubscriptionOptions? subscription)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new(channel.Registry, [new(channel.Name, channel.Definition, History: null, channel.Run)], subscription);
    }

    public override EventStreamProtocol ProtocolIn(StreamFormat format) => format.Of(channels[0].Definition.Options);

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken)
    {
        var protocol = ProtocolIn(format);
        foreach (var channel in channels) channel.Definition.Check(protocol);

        var stream = StreamIdentity.Of(context, User, ChannelNames);
        var position = lastEventId is "" or EndMark.Suffix ? null : lastEventId;
        var opening = new ChannelOpening(registry, channels, subscription, protocol, stream, position, cancellationToken);
        var since = registry.Revocations.CaptureOf(context);
        var cursor = opening.TryOpen(since, hasCaughtUp: false) ?? new OpeningCursor(opening, protocol, since, registry.Openings);
        Revocations.Drop(context);
        return cursor;
    }
}
