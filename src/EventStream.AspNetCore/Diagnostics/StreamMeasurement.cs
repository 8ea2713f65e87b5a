namespace EventStream.AspNetCore.Diagnostics;

/// <summary>What was measured of a stream when it opened.</summary>
internal readonly record struct StreamMeasurement(string? Route, bool IsActive, long Started);
