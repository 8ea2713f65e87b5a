namespace EventStream.AspNetCore;

/// <summary>What went wrong in a stream, for <see cref="EventStreamOptions.OnError"/>.</summary>
/// <param name="HttpContext">The request.</param>
/// <param name="Exception">What was thrown.</param>
/// <param name="CanSkip">
/// True if one message could not be written (it would not serialise, or a field was invalid) and the source is whole; false if the source
/// itself failed.
/// </param>
/// <param name="LastEventId">The id of the message that could not be written, or of the last one that was; null if there was none.</param>
public sealed record EventStreamError(HttpContext HttpContext, Exception Exception, bool CanSkip, string? LastEventId);
