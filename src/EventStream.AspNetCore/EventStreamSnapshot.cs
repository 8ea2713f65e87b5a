namespace EventStream.AspNetCore;

/// <summary>The state of a channel at a position, which a subscriber gets in place of the messages before it.</summary>
/// <param name="Messages">The state; their ids are the library's to set, and must be null.</param>
/// <param name="At">
/// The position that the state includes: what follows it is sent next. Null, the default: <see cref="EventStreamGap.Newest"/>; right where
/// the state was read after the gap was told, though what was published in between may then be in the state and be sent again.
/// </param>
public sealed record EventStreamSnapshot(IReadOnlyList<EventStreamMessage> Messages, EventStreamPosition? At = null);
