namespace EventStream.AspNetCore;

/// <summary>The state of a channel at a position; a subscriber gets it in place of the earlier messages.</summary>
/// <param name="Messages">The messages that describe the state. Their ids must be null, because the library sets them.</param>
/// <param name="At">
/// The position that the state includes: the messages that follow it are sent next. Null, the default: <see cref="EventStreamGap.Newest"/>.
/// That is correct if the state was read after <c>OnGap</c> was called. A message that was published in between may then be in the state
/// and be sent again.
/// </param>
public sealed record EventStreamSnapshot(IReadOnlyList<EventStreamMessage> Messages, EventStreamPosition? At = null);
