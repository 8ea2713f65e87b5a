using System.Data;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Following;

/// <summary>The one connection of a node that hears notifications.</summary>
internal sealed class Listening : IAsyncDisposable
{
    /// <summary>Within which the server answers these statements, or is gone.</summary>
    private const int Seconds = 5;

    private readonly LogDatabase _database;
    private readonly NpgsqlConnection _connection;

    // Filled while the connection is read, which is only done by HearAsync.
    private List<string> _heard = [];
    private CancellationTokenSource? _poll;

    private Listening(LogDatabase database, NpgsqlConnection connection)
    {
        (_database, _connection) = (database, connection);
        connection.Notification += (_, notification) => _heard.Add(notification.Payload);
    }

    public static async ValueTask<Listening> BeginAsync(LogDatabase database, CancellationToken cancellationToken)
    {
        Listening? listening = null;
        try
        {
            listening = new Listening(database, await database.OpenAsync(cancellationToken));
            await listening.ExecuteAsync(database.Sql.Notifications.Listen, cancellationToken);
            await listening.ProveAsync(cancellationToken);
            return listening;
        }
        catch (Exception exception)
        {
            if (listening is not null) await listening.DisposeAsync();
            if (exception is OperationCanceledException) throw;
            throw database.Failed(LogWork.Follow, exception);
        }
    }

    /// <summary>Waits for notifications, and returns their texts; and whether it is time to look without.</summary>
    public async ValueTask<(IReadOnlyList<string> Texts, bool IsPoll)> HearAsync(CancellationToken cancellationToken)
    {
        try
        {
            _poll ??= new CancellationTokenSource(_database.Options.PollInterval, _database.Time);
            var isPoll = false;
            while (_heard.Count == 0 && !isPoll) isPoll = _poll.IsCancellationRequested || !await WaitAsync(_poll.Token, cancellationToken);
            if (isPoll)
            {
                // A connection that has died without a word looks like one on which nothing is said.
                await ProveAsync(cancellationToken);
                _poll.Dispose();
                _poll = null;
            }

            (var heard, _heard) = (_heard, []);
            return (heard, isPoll);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw _database.Failed(LogWork.Follow, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _poll?.Dispose();

        try
        {
            // It goes back into the pool, where nobody would read what it went on hearing.
            if (_connection.State == ConnectionState.Open) await ExecuteAsync(NotificationSql.Unlisten, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // Then the pool does not take it.
        }

        await _connection.DisposeAsync();
    }

    /// <summary>False if <paramref name="poll"/> came first.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken poll, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll, cancellationToken);
        try
        {
            await _connection.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Asks the server for the fingerprint, which it cannot answer if the connection is dead; and has the identity checked if it is new.</summary>
    private async ValueTask ProveAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_database.Sql.Session.Settings, _connection) { CommandTimeout = Seconds };
        var fingerprint = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (!_database.Identity.IsChecked(fingerprint)) await _database.Identity.CheckAsync(cancellationToken);
        _database.Reach.Succeeded(LogWork.Follow);
    }

    private async ValueTask ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = Seconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
