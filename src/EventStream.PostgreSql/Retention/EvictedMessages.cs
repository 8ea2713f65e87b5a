namespace EventStream.PostgreSql.Retention;

/// <summary>Messages of a channel that a sweep evicts, or that an earlier sweep evicted and did not delete yet.</summary>
/// <param name="Channel">The channel's id.</param>
/// <param name="Through">The sequence of the last of them.</param>
/// <param name="IsNew">Whether subscribers can still read them.</param>
internal readonly record struct EvictedMessages(long Channel, long Through, bool IsNew);
