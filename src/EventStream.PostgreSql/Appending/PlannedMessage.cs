namespace EventStream.PostgreSql.Appending;

/// <summary>A record with the place it gets in its channel.</summary>
/// <param name="Channel">The channel's id.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Total">The channel's bytes up to and with it.</param>
/// <param name="Record">What it is.</param>
internal sealed record PlannedMessage(long Channel, long Sequence, long Total, EventStreamLogRecord Record);
