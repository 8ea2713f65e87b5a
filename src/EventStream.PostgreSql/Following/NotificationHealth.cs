using EventStream.PostgreSql.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Following;

/// <summary>Tracks whether notifications reach this node.</summary>
/// <remarks>
/// It logs once that they do not, and once that they do again. The listening connection writes it, and any thread may read it.
/// </remarks>
internal sealed class NotificationHealth(ILogger logger, TimeSpan pollInterval)
{
    private volatile string? _fault;

    /// <summary>Why notifications do not reach this node; null if they do, or if the proof is still pending.</summary>
    public string? Fault => _fault;

    /// <summary>Records that a notification from this node to itself did not arrive.</summary>
    public void Failed()
    {
        if (_fault is not null) return;
        _fault = $"The database's notifications do not arrive, so subscribers get messages up to {pollInterval.TotalSeconds} s late. "
            + "The usual cause is a connection pooler in transaction mode, such as PgBouncer with pool_mode=transaction.";
        Log.NotificationsDoNotArrive(logger, pollInterval);
    }

    /// <summary>Records that a notification from this node to itself has arrived.</summary>
    public void Succeeded()
    {
        if (_fault is null) return;
        _fault = null;
        Log.NotificationsArrive(logger);
    }
}
