namespace EventStream.Client;

/// <summary>A hole in the stream, told by the server with an event <c>stream-gap</c>: what a resume could not bring back.</summary>
/// <param name="Reason">
/// Why, in the server's word: <c>evicted</c>, <c>slow</c>, <c>restarted</c>, <c>unknown</c>, <c>future</c> or <c>malformed</c>;
/// <c>unspecified</c> if it gave none.
/// </param>
/// <param name="Channel">The name of the channel; null if the server does not say.</param>
/// <param name="Requested">The position that was asked for; null if the server does not say.</param>
/// <param name="Oldest">The position of the oldest message that the server has; null if there is none.</param>
/// <param name="Newest">The position of the newest message; null if the server does not say.</param>
/// <param name="Lost">How many messages are lost; null if that is not known.</param>
public sealed record EventStreamClientGap(string Reason, string? Channel, string? Requested, string? Oldest, string? Newest, long? Lost);
