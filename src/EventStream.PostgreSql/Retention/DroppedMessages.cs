namespace EventStream.PostgreSql.Retention;

/// <summary>The messages of a channel that go, or of which an earlier sweep has left some.</summary>
/// <param name="Channel">The channel's id.</param>
/// <param name="Through">The last of them.</param>
/// <param name="IsNew">Whether readers are still given them.</param>
internal readonly record struct DroppedMessages(long Channel, long Through, bool IsNew);
