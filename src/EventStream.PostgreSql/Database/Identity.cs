using System.Diagnostics;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>Gives all channels new epochs after a restored backup or a failover, so that an epoch stands for one history.</summary>
/// <remarks>
/// <list type="number">
/// <item>Each transaction reads a fingerprint, which costs nothing: the server's start time and the table's object id.</item>
/// <item>If the fingerprint is new, the node reads the identity. It compares it with the one that is stored beside the channels, and is
/// restored with them.</item>
/// <item>If the identities differ, the node gives all channels new epochs.</item>
/// </list>
/// After a promotion each channel keeps its earlier epoch and its newest sequence. The standby has everything that the earlier server wrote
/// up to some point. So a position up to that point is valid, and a position beyond it is one of lost messages.
/// </remarks>
internal sealed class Identity(LogDatabase database) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // The current check, or the last one. Guarded by _gate.
    private Task _check = Task.CompletedTask;

    private volatile string? _fingerprint;

    /// <summary>The fingerprint of the last check; null before the first.</summary>
    public string? Fingerprint => _fingerprint;

    /// <summary>Throws if the fingerprint is not that of the last check.</summary>
    /// <exception cref="FingerprintException">The identity must be checked.</exception>
    public void Compare(string fingerprint)
    {
        if (!IsChecked(fingerprint)) throw new FingerprintException();
    }

    public bool IsChecked(string fingerprint) => fingerprint == _fingerprint;

    /// <summary>Compares the identity with the stored one; gives all channels new epochs if it differs.</summary>
    /// <remarks>Concurrent callers share one check.</remarks>
    /// <param name="cancellationToken">
    /// Ends the wait, not the check: a caller waits for a minute at most, and new epochs for many channels take longer.
    /// </param>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_check.IsCompleted) _check = Begin();
            return _check.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Compares the identity with the stored one, on the caller's connection.</summary>
    public async ValueTask CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sql = database.Sql.Identity;

        // Before the timeline is read, because a standby does not reveal it. Repeated below, because a pooler may have switched to another
        // server. A primary cannot become a standby without a restart, which changes the fingerprint.
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

        // While a dump is being restored, the tables exist before their rows.
        var stored = await ReadAsync(connection, sql.Read, cancellationToken) ?? throw new EventStreamLogException(
            "The log's table meta is empty. A restore of a backup may be running. "
            + "If the table was emptied, apply PostgreSqlSchema.Script again.")
        {
            IsTransient = true,
        };
        var (current, change) = IdentityText.Merge(stored, parts);
        var renewed = change == HistoryChange.None ? 0 : await RenewAsync(connection, change, cancellationToken);
        if (current != stored) await WriteAsync(connection, current, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (change == HistoryChange.Replacement) Log.HistoryReplaced(database.Logger, renewed, stored, current);
        if (change == HistoryChange.Continuation) Log.HistoryContinues(database.Logger, renewed, stored, current);
        _fingerprint = fingerprint;
    }

    /// <summary>Cancels the current check.</summary>
    public void Dispose()
    {
        // On another thread, because Npgsql opens a second connection to cancel, and blocks meanwhile.
        _ = _stop.CancelAsync();
    }

    private Task Begin()
    {
        var check = Task.Run(
            async () =>
            {
                // In no caller's trace, because all callers share the check.
                Activity.Current = null;
                using var untraced = Untraced.Begin();
                await using var connection = await database.OpenAsync(_stop.Token);
                await CheckAsync(connection, _stop.Token);
            },
            CancellationToken.None);
        _ = ObserveAsync(check);
        return check;
    }

    /// <summary>Observes an exception that no caller waits for any longer.</summary>
    private static async Task ObserveAsync(Task check) => await check.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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
            // The role may not call the function, or this server does not have it.
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
        // The statement updates all channels, which may be a million.
        using var longWork = database.LongWork.Begin();
        await using var command = new NpgsqlCommand(database.Sql.Identity.RenewEpochs, connection) { CommandTimeout = 600 };
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change == HistoryChange.Continuation });
        var renewed = await command.ExecuteNonQueryAsync(cancellationToken);

        // In a continued history the origins stay valid.
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
