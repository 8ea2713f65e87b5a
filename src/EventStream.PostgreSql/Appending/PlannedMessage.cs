namespace EventStream.PostgreSql.Appending;

/// <summary>A record with the place it gets in its channel.</summary>
/// <param name="Part">The place of the channel's part.</param>
/// <param name="Number">Its number, from the newest message before the append.</param>
/// <param name="Total">The bytes up to and with it, from there.</param>
/// <param name="Record">What it is.</param>
internal sealed record PlannedMessage(int Part, long Number, long Total, EventStreamLogRecord Record);
