namespace EventStream.AspNetCore.Channels;

/// <summary>The identity of a channel's current history, as far as this node knows.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Continues">
/// The last position of an earlier epoch that the history has in common with that one; null if there is none.
/// </param>
internal readonly record struct KnownHistory(string Epoch, EventStreamPosition? Continues);
