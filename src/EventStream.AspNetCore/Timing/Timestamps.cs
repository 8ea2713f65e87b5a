namespace EventStream.AspNetCore.Timing;

/// <summary>Spans in the unit of a clock's timestamps.</summary>
internal static class Timestamps
{
    public static long TimestampsIn(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
