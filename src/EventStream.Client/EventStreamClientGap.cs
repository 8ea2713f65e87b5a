namespace EventStream.Client;

/// <summary>A gap: messages that the client asked for and cannot get.</summary>
/// <remarks>The server announces a gap with an event <c>stream-gap</c>.</remarks>
/// <param name="Reason">
/// The server's reason: <c>evicted</c>, <c>slow</c>, <c>restarted</c>, <c>unknown</c>, <c>future</c> or <c>malformed</c>;
/// <c>unspecified</c> if the server gave none.
/// </param>
/// <param name="Channel">The name of the channel; null if the server does not say.</param>
/// <param name="Requested">The position that the client asked for; null if the server does not say.</param>
/// <param name="Oldest">The position of the oldest message that the server has; null if it has none.</param>
/// <param name="Newest">The position of the newest message; null if the server does not say.</param>
/// <param name="Lost">How many messages are lost; null if the server does not know.</param>
public sealed record EventStreamClientGap(string Reason, string? Channel, string? Requested, string? Oldest, string? Newest, long? Lost);
