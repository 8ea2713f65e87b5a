namespace EventStream.PostgreSql.Appending;

/// <summary>A channel's row as it was when an append took its lock.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Newest">The sequence of the newest message.</param>
/// <param name="IsComplete">Whether it is at its end.</param>
internal sealed record ChannelState(string Epoch, long Newest, bool IsComplete);
