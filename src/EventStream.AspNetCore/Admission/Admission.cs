using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Admission;

/// <summary>The answer of <see cref="StreamLimits"/> to a request for a stream.</summary>
/// <param name="Source">The source to open. It may be another one than that of the request: see <see cref="FrameSource.Located"/>.</param>
/// <param name="Permits">The permits that the stream must return when it has ended.</param>
/// <param name="Refusal">Why no stream may open; null if it may.</param>
internal readonly record struct Admission(FrameSource Source, StreamPermits Permits, Refusal? Refusal = null);
