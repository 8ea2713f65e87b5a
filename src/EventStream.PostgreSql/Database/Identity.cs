using System.Diagnostics;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>Gives all channels new epochs after a restored backup or a failover, so that an epoch stands for one history.</summary>
/// <remarks>
/// Each transaction reads a fingerprint, the server's start and the table's number, which costs nothing. Only if that is new, the identity
/// is read, and compared with the one that is stored beside the channels, and is restored with them.
/// After a promotion each channel keeps its earlier epoch and its newest sequence. The standby has all that the earlier server wrote up to
/// some point. So a position up to there is good, and one beyond it is of messages that were lost.
/// </remarks>
internal sealed class Identity(LogDatabase database) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // The check that is under way, or the last one. Under _gate.
    private Task _check = Task.CompletedTask;

    private volatile string? _fingerprint;

    /// <summary>That of the last check; null before the first.</summary>
    public string? Fingerprint => _fingerprint;

    /// <summary>Throws if the fingerprint is not that of the last check.</summary>
    /// <exception cref="FingerprintException">The identity is to be checked.</exception>
    public void Compare(string fingerprint)
    {
        if (!IsChecked(fingerprint)) throw new FingerprintException();
    }

    public bool IsChecked(string fingerprint) => fingerprint == _fingerprint;

    /// <summary>Compares the identity with the stored one; gives all channels new epochs if it differs.</summary>
    /// <remarks>Callers share the check that is under way.</remarks>
    /// <param name="cancellationToken">
    /// Ends the wait, and not the check: a caller waits for a minute at most, and the epochs of many channels take longer.
    /// </param>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_check.IsCompleted) _check = Begin();
            return _check.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The same, on a connection of the caller's and for the caller alone.</summary>
    public async ValueTask CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sql = database.Sql.Identity;

        // Asked before the timeline, which a standby does not tell, and once more below: a pooler may have gone on to another server.
        // What is a primary does not become a standby without a restart.
        await RejectStandbyAsync(connection, cancellationToken);
        string?[] parts =
        [
            await TryReadAsync(connection, IdentitySql.System, cancellationToken),
            await TryReadAsync(connection, IdentitySql.Timeline, cancellationToken),
            await ReadAsync(connection, sql.Tables, cancellationToken),
        ];

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ReadAsync(connection, SessionSql.LockTimeout, cancellationToken);
        await database.SchemaLock.TakeAsync(connection, cancellationToken);
        var fingerprint = await ReadAsync(connection, database.Sql.Session.Settings, cancellationToken);
        await RejectStandbyAsync(connection, cancellationToken);

        // While a dump is being loaded, the tables are there before their rows.
        var stored = await ReadAsync(connection, sql.Read, cancellationToken) ?? throw new EventStreamLogException("The log's table meta is empty. A backup is being restored, or it was emptied: then apply PostgreSqlSchema.Script again.") { IsTransient = true };
        var (current, change) = IdentityText.Merge(stored, parts);
        var renewed = change == HistoryChange.None ? 0 : await RenewAsync(connection, change, cancellationToken);
        if (current != stored) await WriteAsync(connection, current, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (change == HistoryChange.Replacement) Log.HistoryIsAnother(database.Logger, renewed, stored, current);
        if (change == HistoryChange.Continuation) Log.HistoryGoesOn(database.Logger, renewed, stored, current);
        _fingerprint = fingerprint;
    }

    /// <summary>Ends the check that is under way.</summary>
    public void Dispose()
    {
        // On another thread: Npgsql connects once more to cancel, and blocks for as long as that takes.
        _ = _stop.CancelAsync();
    }

    private Task Begin()
    {
        var check = Task.Run(
            async () =>
            {
                // In the trace of none of the callers, because all of them wait for it.
                Activity.Current = null;
                using var untraced = Untraced.Begin();
                await using var connection = await database.OpenAsync(_stop.Token);
                await CheckAsync(connection, _stop.Token);
            },
            CancellationToken.None);
        _ = ForgetAsync(check);
        return check;
    }

    /// <summary>Observes a failure for which no caller waits any more.</summary>
    private static async Task ForgetAsync(Task check) => await check.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async ValueTask RejectStandbyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ReadAsync(connection, IdentitySql.IsStandby, cancellationToken) != "true") return;
        throw new EventStreamLogException(Faults.Standby) { IsTransient = true };
    }

    private static async ValueTask<string?> TryReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(connection, sql, cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState[..2] is "42" or "0A" or "55")
        {
            // No right to call it, no such function, or not on this server.
            return null;
        }
    }

    private static async ValueTask<string?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection).Limited();
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private async ValueTask<int> RenewAsync(NpgsqlConnection connection, HistoryChange change, CancellationToken cancellationToken)
    {
        // All channels of the database, which may be a million.
        using var longWork = database.LongWork.Begin();
        await using var command = new NpgsqlCommand(database.Sql.Identity.RenewEpochs, connection) { CommandTimeout = 600 };
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change == HistoryChange.Continuation });
        var renewed = await command.ExecuteNonQueryAsync(cancellationToken);

        // Where the history goes on, "before the first message" means what it meant.
        if (change == HistoryChange.Continuation) return renewed;
        await using var origins = new NpgsqlCommand(database.Sql.Identity.RenewOrigins, connection) { CommandTimeout = 600 };
        await origins.ExecuteNonQueryAsync(cancellationToken);
        return renewed;
    }

    private async ValueTask WriteAsync(NpgsqlConnection connection, string identity, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(database.Sql.Identity.Write, connection).Limited();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = identity });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
