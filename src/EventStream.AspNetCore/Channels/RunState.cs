namespace EventStream.AspNetCore.Channels;

/// <summary>Whether a run writes to a <see cref="ChannelHistory"/>.</summary>
internal enum RunState
{
    None,
    Running,
    Over,
}
