namespace EventStream.AspNetCore.Channels;

/// <summary>Marks the endpoints of <c>MapEventStream</c>, by metadata.</summary>
internal sealed class ChannelEndpoint
{
    private ChannelEndpoint()
    {
    }

    public static ChannelEndpoint Instance { get; } = new();
}
