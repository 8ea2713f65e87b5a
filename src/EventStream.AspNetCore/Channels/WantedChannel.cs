namespace EventStream.AspNetCore.Channels;

/// <summary>A channel that a stream is to read.</summary>
/// <remarks>
/// It is looked up, or made, when the stream opens. So a request that opens no stream, such as a HEAD or one that is refused, makes no
/// channel.
/// </remarks>
/// <param name="Name">The channel's name.</param>
/// <param name="Definition">The channel's definition.</param>
/// <param name="History">The history that the channel has now; null: none, as far as is known.</param>
/// <param name="Run">The run that the app has started or joined; null: the channel is found by its name alone.</param>
internal readonly record struct WantedChannel(string Name, ChannelDefinition Definition, KnownHistory? History, ChannelBacking? Run = null);
