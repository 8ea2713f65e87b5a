namespace Showcase.Census;

/// <summary>One channel, as it is now.</summary>
internal sealed record ChannelFigures(
    string Name,
    int Subscribers,
    long Lag,
    int Messages,
    long Bytes,
    string Newest,
    bool IsCompleted)
{
    public static ChannelFigures Of(EventStreamChannel channel) => new(
        channel.Name,
        channel.SubscriberCount,
        channel.Lag,
        channel.Count,
        channel.Bytes,
        channel.Newest?.ToString() ?? "",
        channel.IsCompleted);
}
