using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A channel that is looked up, or whose run is started, only when its stream opens.</summary>
/// <remarks>So a client that has read the channel to its end does not start its run again.</remarks>
internal sealed class DeferredChannelSource(Func<EventStreamChannel> channel, EventStreamSubscriptionOptions? subscription) : FrameSource
{
    public override string? User => subscription?.User;

    public override FrameSource Located()
    {
        var opened = channel() ?? throw new InvalidOperationException(
            "The function that returns the stream's channel returned null. Return a channel, or another result if there is none.");
        return ChannelSource.Of(opened, subscription);
    }

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken) =>
        Located().Open(context, format, lastEventId, cancellationToken);
}
