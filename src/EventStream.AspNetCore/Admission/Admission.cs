namespace EventStream.AspNetCore.Admission;

/// <summary>The answer of <see cref="StreamLimits"/> to a request for a stream.</summary>
/// <param name="Permits">The permits that the stream must return when it has ended.</param>
/// <param name="Refusal">Why no stream may open; null if it may.</param>
internal readonly record struct Admission(StreamPermits Permits, Refusal? Refusal = null);
