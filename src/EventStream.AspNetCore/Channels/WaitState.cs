namespace EventStream.AspNetCore.Channels;

/// <summary>The state of a subscriber in the protocol of <see cref="WakeShard"/>, which owns it.</summary>
internal enum WaitState : byte
{
    /// <summary>In no list. Its loop runs, or is about to run.</summary>
    Free,

    /// <summary>In the list of its shard.</summary>
    Linked,

    /// <summary>In the chain that its shard is waking. Only the shard may change its pointers.</summary>
    Taken,

    /// <summary>It has left its channel.</summary>
    Left,
}
