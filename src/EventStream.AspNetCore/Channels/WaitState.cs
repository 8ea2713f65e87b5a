namespace EventStream.AspNetCore.Channels;

/// <summary>Where a subscriber is in the protocol of <see cref="WakeShard"/>, which owns it.</summary>
internal enum WaitState : byte
{
    /// <summary>Nowhere. Its loop runs, or is about to.</summary>
    Free,

    /// <summary>In the list of its shard.</summary>
    Linked,

    /// <summary>In the chain that its shard is waking. Only the shard touches its pointers.</summary>
    Taken,

    /// <summary>It has left its channel.</summary>
    Left,
}
