namespace EventStream.AspNetCore.Channels;

/// <summary>That a channel, or a pattern, was added; its options are the named options of that name.</summary>
internal sealed record ChannelRegistration(string Name);
