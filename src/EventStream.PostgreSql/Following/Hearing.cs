using EventStream.PostgreSql.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Following;

/// <summary>Whether notifications reach this node. Says once that they do not, and once that they do again.</summary>
/// <remarks>Set by the one connection that listens, and read by any thread.</remarks>
internal sealed class Hearing(ILogger logger, TimeSpan pollInterval)
{
    private volatile string? _fault;

    /// <summary>Why notifications do not reach this node; null: they do, or it was not proved yet.</summary>
    public string? Fault => _fault;

    /// <summary>A notification of this node's own did not arrive.</summary>
    public void Failed()
    {
        if (_fault is not null) return;
        _fault = $"The database's notifications do not arrive, so subscribers get messages up to {pollInterval.TotalSeconds} s late. "
            + "The usual cause is a connection pooler in transaction mode, such as PgBouncer with pool_mode=transaction.";
        Log.NotificationsDoNotArrive(logger, pollInterval);
    }

    /// <summary>A notification of this node's own has arrived.</summary>
    public void Succeeded()
    {
        if (_fault is null) return;
        _fault = null;
        Log.NotificationsArrive(logger);
    }
}
