namespace EventStream.AspNetCore.Channels;

/// <summary>How far a <see cref="ChannelHistory"/> has come.</summary>
internal enum HistoryState
{
    /// <summary>Messages are published to it.</summary>
    Open,

    /// <summary>Its last message was published, and can still be read.</summary>
    Complete,

    /// <summary>The channel's messages belong to another history, on this node.</summary>
    Retired,
}
