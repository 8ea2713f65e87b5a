using EventStream.PostgreSql.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Database;

/// <summary>
/// Whether the database can be reached: what each kind of work saw last. Says once that it went away, and once that it is back.
/// </summary>
internal sealed class Reach(ILogger logger)
{
    private readonly Lock _gate = new();

    // Under _gate but for the look whether there is anything; by LogWork, null where the last attempt went well.
    private readonly string?[] _failures = new string?[Enum.GetValues<LogWork>().Length];

    /// <summary>Why it cannot be reached; null if it can.</summary>
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
            if (isNew) Log.DatabaseWentAway(logger, exception, exception.Message);
        }
    }

    public void Succeeded(LogWork work)
    {
        if (Volatile.Read(ref _failures[(int)work]) is null) return;
        lock (_gate)
        {
            if (_failures[(int)work] is null) return;
            _failures[(int)work] = null;
            if (Array.TrueForAll(_failures, failure => failure is null)) Log.DatabaseIsBack(logger);
        }
    }
}
