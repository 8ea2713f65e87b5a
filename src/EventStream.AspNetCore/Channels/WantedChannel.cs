namespace EventStream.AspNetCore.Channels;

/// <summary>A channel that a stream is to read: an object of the app's, or a name.</summary>
/// <remarks>The channel of a name is looked up, or made, when the stream opens. So a request that opens no stream, such as a HEAD or one that is refused, makes no channel.</remarks>
internal readonly struct WantedChannel
{
    private readonly EventStreamChannel? _channel;

    public WantedChannel(EventStreamChannel channel)
        : this(channel.Hub, channel.Name, channel.Definition, channel.History) => _channel = channel;

    /// <param name="hub">The hub.</param>
    /// <param name="name">The channel's name.</param>
    /// <param name="definition">The channel's definition.</param>
    /// <param name="history">The history that the channel has now; null: none, as far as is known.</param>
    public WantedChannel(EventStreamHub hub, string name, ChannelDefinition definition, KnownHistory? history)
    {
        History = history;
        Hub = hub;
        Name = name;
        Definition = definition;
    }

    public EventStreamHub Hub { get; }

    public string Name { get; }

    public ChannelDefinition Definition { get; }

    public EventStreamChannelOptions Options => Definition.Options;

    public KnownHistory? History { get; }

    public EventStreamChannel Open() => _channel ?? Hub.Channel(Name);
}
