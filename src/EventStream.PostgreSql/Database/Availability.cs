using EventStream.PostgreSql.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Database;

/// <summary>Tracks whether the database is available: the last result of each kind of work.</summary>
/// <remarks>It logs once that the database is unavailable, and once that it is available again.</remarks>
internal sealed class Availability(ILogger logger)
{
    private readonly Lock _gate = new();

    // By LogWork; null after a success. Written under _gate; only Succeeded also reads without it, to return early.
    private readonly string?[] _failures = new string?[Enum.GetValues<LogWork>().Length];

    /// <summary>Why the database is unavailable; null if it is available.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate) return Array.Find(_failures, failure => failure is not null);
        }
    }

    public void Failed(LogWork work, Exception exception)
    {
        lock (_gate)
        {
            var isNew = Array.TrueForAll(_failures, failure => failure is null);
            _failures[(int)work] = exception.Message;
            if (isNew) Log.DatabaseUnavailable(logger, exception, exception.Message);
        }
    }

    public void Succeeded(LogWork work)
    {
        if (Volatile.Read(ref _failures[(int)work]) is null) return;
        lock (_gate)
        {
            if (_failures[(int)work] is null) return;
            _failures[(int)work] = null;
            if (Array.TrueForAll(_failures, failure => failure is null)) Log.DatabaseAvailable(logger);
        }
    }
}
