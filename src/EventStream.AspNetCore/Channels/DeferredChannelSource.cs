using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// A channel that is looked for, or whose run is started, only when its stream opens: not for a client that has read it to the end.
/// </summary>
internal sealed class DeferredChannelSource(Func<EventStreamChannel> channel, EventStreamSubscriptionOptions? subscription) : FrameSource
{
    public override bool MayDrain => false;

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken)
    {
        var opened = channel() ?? throw new InvalidOperationException("The function of the channel returned null. Return a channel, or another result where there is none.");
        return ChannelSource.Of(opened, subscription).Open(context, format, lastEventId, cancellationToken);
    }
}
