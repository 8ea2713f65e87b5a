namespace EventStream.AspNetCore;

/// <summary>Messages that a subscriber cannot have any more, or a position that says nothing.</summary>
/// <remarks><see cref="EventStreamProtocol.Gap"/> tells it to the client.</remarks>
/// <param name="Channel">The name of the channel.</param>
/// <param name="Reason">Why.</param>
/// <param name="Requested">The position that the client sent, or had come to. Cut to 128 characters; it is the client's word.</param>
/// <param name="Oldest">The position of the oldest message that is retained; null if there is none.</param>
/// <param name="Newest">The position of the newest message; its sequence is 0 if there was none.</param>
/// <param name="Lost">How many messages are lost; null if that cannot be known.</param>
public sealed record EventStreamGap(string Channel, EventStreamGapReason Reason, string Requested, EventStreamPosition? Oldest, EventStreamPosition Newest, long? Lost);
