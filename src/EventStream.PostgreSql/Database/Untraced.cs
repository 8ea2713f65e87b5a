using System.Diagnostics;

namespace EventStream.PostgreSql.Database;

/// <summary>Keeps background work out of the app's traces, where each of its statements would begin a trace.</summary>
/// <remarks>
/// The work runs under an activity that is not recorded. A sampler that follows the parent, as OpenTelemetry's default does, drops the
/// statements below it, also with the app's data source. The log's own data source does not trace statements below it.
/// Without a listener to Npgsql no activity is created, to save one for each call of the database.
/// </remarks>
internal static class Untraced
{
    private const string Name = "EventStream.PostgreSql.Background";

    // A listener chooses sources by name, so it listens to this source exactly if it listens to Npgsql's. It starts no activity.
    private static readonly ActivitySource Npgsql = new("Npgsql");

    /// <summary>Whether the caller's work is kept out of traces.</summary>
    public static bool IsCurrent => Activity.Current?.OperationName == Name;

    /// <summary>Keeps the caller's work out of traces until the result is disposed of.</summary>
    /// <returns>Null in a request, and without a listener.</returns>
    public static Activity? Begin()
    {
        if (Activity.Current is not null || !Npgsql.HasListeners()) return null;
        var activity = new Activity(Name) { ActivityTraceFlags = ActivityTraceFlags.None, IsAllDataRequested = false };
        activity.SetIdFormat(ActivityIdFormat.W3C);
        return activity.Start();
    }
}
