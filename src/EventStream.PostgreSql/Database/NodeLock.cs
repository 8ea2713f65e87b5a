using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>An advisory lock by which one node at a time does something. Its transaction holds it until it ends.</summary>
/// <remarks>
/// A transaction of a node holds it for a few seconds at most. A session that holds it longer stops the work on all nodes, so that
/// fails. For one caller at a time, but for <see cref="TakeAsync"/>.
/// </remarks>
internal sealed class NodeLock(LogDatabase database, string purpose)
{
    // A node that died in a transaction is noticed by the server after 10 s (SessionSql).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // The transaction that held it when it was last looked up, and since when.
    private string? _holder;
    private long _since;
    private long _lookedAt;

    // What the last look has found: the session that has held it for too long.
    private string? _heldBy;

    /// <summary>Advisory locks are one space a database, so their names are long.</summary>
    public string Name { get; } = $"EventStream.PostgreSql/{database.Sql.Schema.Text}/{purpose}";

    /// <summary>Waits for it, as long as the connection's command timeout and the transaction's lock timeout allow.</summary>
    public async ValueTask TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SessionSql.Lock, connection).Limited();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds the statement that takes it if it is free, and says so.</summary>
    public void AddTry(NpgsqlBatch batch) => batch.Add(SessionSql.TryLock).With(Name);

    /// <summary>Takes it if it is free.</summary>
    /// <exception cref="EventStreamLogException">The same transaction has held it for too long.</exception>
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

    /// <summary>Looks who holds it, once a second at most. In between, what was found last holds.</summary>
    /// <exception cref="EventStreamLogException">The same transaction has held it for too long.</exception>
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
        else if (database.Time.GetElapsedTime(_since, now) >= Patience) _heldBy = reader.GetString(1);
    }

    private EventStreamLogException HeldTooLong(string holder) =>
        new($"The lock '{Name}' is held for more than {Patience.TotalSeconds} s by {holder}. End that transaction: no node can do that work.")
        {
            IsTransient = true,
        };
}
