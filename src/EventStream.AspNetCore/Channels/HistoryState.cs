namespace EventStream.AspNetCore.Channels;

/// <summary>The state of a <see cref="ChannelHistory"/>.</summary>
internal enum HistoryState
{
    /// <summary>It accepts messages.</summary>
    Open,

    /// <summary>It accepts no more messages; the retained ones can still be read.</summary>
    Complete,

    /// <summary>It is replaced, or dropped; new messages of the channel belong to another history.</summary>
    Retired,
}
