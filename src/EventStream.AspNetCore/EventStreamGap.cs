namespace EventStream.AspNetCore;

/// <summary>Messages that a subscriber asked for and cannot get, or a position that cannot be resumed.</summary>
/// <remarks><see cref="EventStreamProtocol.Gap"/> announces it to the client.</remarks>
/// <param name="Channel">The name of the channel.</param>
/// <param name="Reason">Why there is a gap.</param>
/// <param name="Requested">
/// The position that the client sent, or had reached. The client can send any text; it is cut to 128 characters.
/// </param>
/// <param name="Oldest">The position of the oldest retained message; null if there is none.</param>
/// <param name="Newest">The position of the newest message; its sequence is 0 if there was none.</param>
/// <param name="Lost">How many messages are lost; null if that cannot be known.</param>
public sealed record EventStreamGap(
    string Channel,
    EventStreamGapReason Reason,
    string Requested,
    EventStreamPosition? Oldest,
    EventStreamPosition Newest,
    long? Lost);
