using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>An advisory lock that lets one node at a time do a work.</summary>
/// <remarks>
/// A transaction holds the lock until it ends, which takes a few seconds at most. A session that holds it longer stops the work on all
/// nodes, so the work fails with an error that names the session. For one caller at a time; only <see cref="TakeAsync"/> may be called
/// concurrently.
/// </remarks>
internal sealed class NodeLock(LogDatabase database, string purpose)
{
    // Longer than the 10 s after which the server ends the transaction of a dead node (SessionSql).
    private static readonly TimeSpan ReportedAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // The transaction that held the lock at the last query, and since when.
    private string? _holder;
    private long _since;
    private long _lookedAt;

    // The session that has held the lock for too long, as of the last query.
    private string? _heldBy;

    /// <summary>The name of the lock. It is long because all apps of a database share the space of advisory locks.</summary>
    public string Name { get; } = $"EventStream.PostgreSql/{database.Sql.Schema.Text}/{purpose}";

    /// <summary>Takes the lock, and waits as long as the connection's command timeout and the transaction's lock timeout allow.</summary>
    public async ValueTask TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SessionSql.Lock, connection).Limited();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds the statement that takes the lock if it is free, and returns whether it did.</summary>
    public void AddTry(NpgsqlBatch batch) => batch.Add(SessionSql.TryLock).With(Name);

    /// <summary>Takes the lock if it is free.</summary>
    /// <exception cref="EventStreamLogException">Another transaction has held it for too long.</exception>
    public async ValueTask<bool> TryTakeAsync(LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using (var batch = transaction.CreateBatch())
        {
            AddTry(batch);
            await using var reader = await transaction.ReadAsync(batch, cancellationToken);
            await reader.ReadAsync(cancellationToken);
            if (reader.GetBoolean(0))
            {
                (_holder, _heldBy) = (null, null);
                return true;
            }
        }

        await CheckHolderAsync(transaction, cancellationToken);
        return false;
    }

    /// <summary>Queries which transaction holds the lock, at most once a second; in between, the last result counts.</summary>
    /// <exception cref="EventStreamLogException">Another transaction has held it for too long.</exception>
    public async ValueTask CheckHolderAsync(LogTransaction transaction, CancellationToken cancellationToken)
    {
        var now = database.Time.GetTimestamp();
        var isDue = _holder is null || database.Time.GetElapsedTime(_lookedAt, now) >= LookInterval;
        if (isDue) await LookAsync(now, transaction, cancellationToken);
        if (_heldBy is not null) throw HeldTooLong(_heldBy);
    }

    private async ValueTask LookAsync(long now, LogTransaction transaction, CancellationToken cancellationToken)
    {
        _lookedAt = now;
        await using var batch = transaction.CreateBatch();
        batch.Add(LockSql.Holder).With(Name);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var holder = await reader.ReadAsync(cancellationToken) ? reader.GetString(0) : null;
        if (holder is null || holder != _holder) (_holder, _since, _heldBy) = (holder, now, null);
        else if (database.Time.GetElapsedTime(_since, now) >= ReportedAfter) _heldBy = reader.GetString(1);
    }

    private EventStreamLogException HeldTooLong(string holder) =>
        new(
            $"The lock '{Name}' has been held for more than {ReportedAfter.TotalSeconds} s by {holder}. "
            + "End that transaction: it stops this work on all nodes.")
        {
            IsTransient = true,
        };
}
