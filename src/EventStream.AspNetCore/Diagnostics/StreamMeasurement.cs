namespace EventStream.AspNetCore.Diagnostics;

/// <summary>The values that were measured when a stream opened.</summary>
internal readonly record struct StreamMeasurement(string? Route, bool IsActive, long Started);
