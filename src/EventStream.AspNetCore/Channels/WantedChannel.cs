namespace EventStream.AspNetCore.Channels;

/// <summary>A channel that a stream will read.</summary>
/// <remarks>
/// It is looked up, or created, when the stream opens. So a request that opens no stream, such as a HEAD request or a refused one, creates
/// no channel.
/// </remarks>
/// <param name="Name">The channel's name.</param>
/// <param name="Definition">The channel's definition.</param>
/// <param name="History">The channel's current history; null: it has none, or it was not asked for.</param>
/// <param name="Run">The run that the app has started or joined; null: the channel is found by its name.</param>
internal readonly record struct WantedChannel(string Name, ChannelDefinition Definition, KnownHistory? History, ChannelBacking? Run = null);
