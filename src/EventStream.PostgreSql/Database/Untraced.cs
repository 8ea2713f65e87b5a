using System.Diagnostics;

namespace EventStream.PostgreSql.Database;

/// <summary>Keeps work that belongs to no request out of the app's traces: each of its statements would be a trace of its own.</summary>
/// <remarks>
/// It runs under an activity that is not recorded, and a sampler that follows the parent, which is OpenTelemetry's default, drops what is below
/// it. That holds for a data source of the app's as well. One of the log's own does not ask a sampler: it leaves out what is below this activity.
/// </remarks>
internal static class Untraced
{
    private const string Name = "EventStream.PostgreSql.Background";

    /// <summary>Whether the caller's work is kept out.</summary>
    public static bool IsCurrent => Activity.Current?.OperationName == Name;

    /// <summary>Keeps the caller's work out until the result is disposed of; null where it belongs to a request.</summary>
    public static Activity? Begin()
    {
        if (Activity.Current is not null) return null;
        var activity = new Activity(Name) { ActivityTraceFlags = ActivityTraceFlags.None, IsAllDataRequested = false };
        activity.SetIdFormat(ActivityIdFormat.W3C);
        return activity.Start();
    }
}
