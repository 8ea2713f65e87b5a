namespace EventStream.AspNetCore.Channels;

/// <summary>What a node knows of the history that a channel has now.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Continues">The position of an earlier epoch up to which the history is the same; null: there is none.</param>
internal readonly record struct KnownHistory(string Epoch, EventStreamPosition? Continues);
