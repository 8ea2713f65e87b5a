using System.Diagnostics;

namespace EventStream.PostgreSql.Database;

/// <summary>Keeps work that belongs to no request out of the app's traces: each of its statements would be a trace of its own.</summary>
/// <remarks>
/// It runs under an activity that is not recorded. A sampler that follows the parent, as OpenTelemetry's default does, drops what is below
/// it, also where the data source is the app's. A data source of the log's own asks no sampler, and leaves out what is below it.
/// Without a listener to Npgsql no activity is made, because each call of the database would make one.
/// </remarks>
internal static class Untraced
{
    private const string Name = "EventStream.PostgreSql.Background";

    // A listener chooses sources by their names, so it listens to this one as well as to Npgsql's own. It begins no activity.
    private static readonly ActivitySource Npgsql = new("Npgsql");

    /// <summary>Whether the caller's work is kept out.</summary>
    public static bool IsCurrent => Activity.Current?.OperationName == Name;

    /// <summary>Keeps the caller's work out until the result is disposed of; null in a request, and without a listener.</summary>
    public static Activity? Begin()
    {
        if (Activity.Current is not null || !Npgsql.HasListeners()) return null;
        var activity = new Activity(Name) { ActivityTraceFlags = ActivityTraceFlags.None, IsAllDataRequested = false };
        activity.SetIdFormat(ActivityIdFormat.W3C);
        return activity.Start();
    }
}
