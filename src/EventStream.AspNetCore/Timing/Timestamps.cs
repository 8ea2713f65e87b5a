namespace EventStream.AspNetCore.Timing;

/// <summary>Converts spans to the unit of a clock's timestamps.</summary>
internal static class Timestamps
{
    public static long TimestampsIn(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
