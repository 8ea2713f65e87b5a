namespace EventStream.AspNetCore.Channels;

/// <summary>A channel or pattern that was added; its options are the named options of that name.</summary>
internal sealed record ChannelRegistration(string Name);
