namespace EventStream.AspNetCore;

/// <summary>An error in a stream, for <see cref="EventStreamOptions.OnError"/>.</summary>
/// <param name="HttpContext">The request.</param>
/// <param name="Exception">The exception.</param>
/// <param name="CanSkip">
/// True if one message could not be written, because it could not be serialised or a field was invalid, and the source can continue. False
/// if the source itself failed.
/// </param>
/// <param name="LastEventId">
/// The id of the message that could not be written, or of the last one that was written. Null if there was none.
/// </param>
public sealed record EventStreamError(HttpContext HttpContext, Exception Exception, bool CanSkip, string? LastEventId);
