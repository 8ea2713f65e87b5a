namespace EventStream.AspNetCore.Channels;

/// <summary>A channel that a stream is to read: the app's own, or a name, whose channel is looked up, or made, when the stream opens.</summary>
/// <remarks>So a request that opens no stream, such as a HEAD or one that is refused, makes no channel.</remarks>
internal readonly struct WantedChannel
{
    private readonly EventStreamChannel? _channel;

    public WantedChannel(EventStreamChannel channel)
        : this(channel.Hub, channel.Name, channel.Definition) => _channel = channel;

    public WantedChannel(EventStreamHub hub, string name, ChannelDefinition definition)
    {
        Hub = hub;
        Name = name;
        Definition = definition;
    }

    public EventStreamHub Hub { get; }

    public string Name { get; }

    public ChannelDefinition Definition { get; }

    public EventStreamChannelOptions Options => Definition.Options;

    public EventStreamChannel Open() => _channel ?? Hub.Channel(Name);
}
