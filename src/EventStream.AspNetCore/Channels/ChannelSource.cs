using System.Security.Claims;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace EventStream.AspNetCore.Channels;

/// <summary>One channel, or several, as the source of a response.</summary>
internal sealed class ChannelSource : FrameSource
{
    private readonly IReadOnlyList<WantedChannel> _channels;
    private readonly EventStreamSubscription? _subscription;

    /// <summary>A source over channels.</summary>
    /// <exception cref="InvalidOperationException">These channels cannot share a connection.</exception>
    public ChannelSource(IReadOnlyList<WantedChannel> channels, EventStreamSubscription? subscription)
    {
        _channels = channels;
        _subscription = subscription;
        if (channels.Count == 1) return;
        if (channels.Where(channel => channel.Options.UseMessageIds).ToArray() is [var own, ..])
        {
            throw new InvalidOperationException($"The channel '{own.Name}' has ids of its own (UseMessageIds), which cannot be joined with the positions of other channels. Open a connection for it alone.");
        }

        if (channels.Any(channel => !Key(channel).SequenceEqual(Key(channels[0]))))
        {
            throw new InvalidOperationException("Channels on one connection have one id, which is signed by one key: give all of them the same SigningKey, or none.");
        }

        var most = SubscriberIds.MostChannels(signed: channels[0].Options.SigningKey is not null);
        if (channels.Count > most)
        {
            throw new InvalidOperationException($"One connection follows at most {most} channels{(channels[0].Options.SigningKey is null ? "" : " whose positions are signed")}, because their positions must fit into one id, and {channels.Count} were asked for. Open another connection.");
        }
    }

    public override bool NeedsToken => _channels.Any(channel => channel.Options.OnGap is not null);

    public override bool MayDrain => false;

    public override bool IsFinished(string lastEventId) => 
        Positions.AreOver(lastEventId, [.. _channels.Select(channel => channel.History)]);

    public static ChannelSource Of(EventStreamChannel channel, EventStreamSubscription? subscription)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new([new(channel)], subscription);
    }

    public override EventStreamProtocol ProtocolIn(StreamFormat format) => format.Of(_channels[0].Options);

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken)
    {
        var protocol = ProtocolIn(format);
        foreach (var channel in _channels) channel.Definition.Check(protocol);

        // Not by the context's own properties, which make objects where there are none, for as long as the stream.
        var user = _subscription?.User ?? UserOf(context.Features.Get<IHttpAuthenticationFeature>()?.User);
        var connectionId = context.Features.Get<IHttpConnectionFeature>()?.ConnectionId ?? "";
        var position = lastEventId is "" ? null : lastEventId;
        EventStreamChannel[] channels = [.. _channels.Select(channel => channel.Open())];
        var opening = new ChannelOpening(channels, _subscription, protocol, connectionId, user, position, cancellationToken);
        var hub = _channels[0].Hub;
        var since = hub.Revocations.CaptureOf(context);
        var cursor = (opening.IsReady ? opening.TryOpen(since) : null) ?? new OpeningCursor(opening, since, hub);
        Revocations.Drop(context);
        return cursor;
    }

    private string? UserOf(ClaimsPrincipal? principal)
    {
        if (principal is null) return null;
        var user = principal.FindFirstValue(ClaimTypes.NameIdentifier) ?? principal.FindFirstValue("sub");
        if (user is null && principal.Identity?.IsAuthenticated == true && _channels[0].Options.SigningKey is not null)
        {
            throw new InvalidOperationException("The positions are signed for a user, and the request's has neither a name identifier claim nor 'sub'. Say who it is by EventStreamSubscription.User.");
        }

        return user;
    }

    private static ReadOnlySpan<byte> Key(WantedChannel channel) => channel.Options.SigningKey;
}
