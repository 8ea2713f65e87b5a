using System.Data;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Following;

/// <summary>A node's connection that receives notifications.</summary>
/// <remarks>
/// It proves that they arrive, because a pooler in transaction mode accepts <c>LISTEN</c> and then forwards no notification:
/// <list type="number">
/// <item>The connection listens, and another one sends a notification whose text only this node knows.</item>
/// <item>If it has not arrived after <see cref="AnswerLimit"/>, the node reports that (<see cref="NotificationHealth"/>), and continues
/// with polls alone.</item>
/// <item>Each poll asks whether the session still listens. If not, the node drops the connection, and the next one begins at step 1.</item>
/// <item>While no notification arrives, each poll listens and sends the notification again, and does not wait for it.</item>
/// </list>
/// Another connection sends the notification, because the own connection would receive it with the answer, also through such a pooler.
/// </remarks>
internal sealed class NotificationConnection : IAsyncDisposable
{
    /// <summary>How long the server may take to answer, and a notification to arrive.</summary>
    private static readonly TimeSpan AnswerLimit = PendingWork.AnswerLimit;

    private readonly LogDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly string _proof = HintText.NewProof();

    // Filled only while this class executes a statement or waits, so it needs no lock: Npgsql raises the event while it reads.
    private List<string> _received = [];
    private bool _isProved;
    private CancellationTokenSource _poll;

    // A query that got no answer in time. Nothing else may use its connection, so it is closed only after the query has ended.
    private Task? _abandoned;

    private NotificationConnection(LogDatabase database, NpgsqlConnection connection)
    {
        (_database, _connection, _poll) = (database, connection, NextPoll(database));
        connection.Notification += (_, notification) => OnNotification(notification.Payload);
    }

    /// <summary>Listens, and sends the proof.</summary>
    public static async ValueTask<NotificationConnection> BeginAsync(LogDatabase database, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        NotificationConnection? listening = null;
        try
        {
            using (database.PendingWork.Begin(LogWork.Follow))
            {
                listening = new NotificationConnection(database, await database.OpenAsync(cancellationToken));
                await listening.ExecuteAsync(database.Sql.Notifications.Listen, cancellationToken);
                await listening.CheckAsync(cancellationToken);
                await listening.SendProofAsync(cancellationToken);
            }

            return listening;
        }
        catch (Exception exception)
        {
            if (listening is not null) await listening.DisposeAsync();
            if (exception is OperationCanceledException) throw;
            throw database.Failed(LogWork.Follow, exception);
        }
    }

    /// <summary>Waits for the proof, and keeps other notifications that arrive meanwhile.</summary>
    public async ValueTask ProveAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        try
        {
            using var limit = new CancellationTokenSource(AnswerLimit, _database.Time);
            while (!_isProved && await WaitAsync(limit.Token, cancellationToken))
            {
            }

            if (!_isProved) _database.Notifications.Failed();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw _database.Failed(LogWork.Follow, exception);
        }
    }

    /// <summary>Waits for notifications, or for the time of a poll.</summary>
    /// <returns>The notifications' texts, and whether it is time to read all channels.</returns>
    public async ValueTask<(IReadOnlyList<string> Texts, bool IsPoll)> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        try
        {
            var isPoll = false;
            while (_received.Count == 0 && !isPoll)
            {
                isPoll = _poll.IsCancellationRequested || !await WaitAsync(_poll.Token, cancellationToken);
            }

            if (isPoll)
            {
                await PollAsync(cancellationToken);
                _poll.Dispose();
                _poll = NextPoll(_database);
            }

            (var received, _received) = (_received, []);
            return (received, isPoll);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw _database.Failed(LogWork.Follow, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var untraced = Untraced.Begin();
        _poll.Dispose();
        if (_abandoned is not null)
        {
            _ = CloseAfterAsync(_abandoned);
            return;
        }

        try
        {
            // The connection returns to the pool, where it must not receive notifications that nothing reads.
            if (_connection.State == ConnectionState.Open) await ExecuteAsync(NotificationSql.Unlisten, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The connection is broken, and the pool discards it.
        }

        await _connection.DisposeAsync();
    }

    private void OnNotification(string text)
    {
        if (text == _proof)
        {
            _isProved = true;
            _database.Notifications.Succeeded();
        }
        else if (!HintText.IsProof(text))
        {
            _received.Add(text);
        }
    }

    private async ValueTask PollAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        if (_isProved) return;
        await ExecuteAsync(_database.Sql.Notifications.Listen, cancellationToken);
        await SendProofAsync(cancellationToken);
    }

    /// <summary>False if <paramref name="limit"/> came first.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
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

    /// <summary>Queries the fingerprint, and whether the session listens.</summary>
    private async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        // Limited here, because a silently broken connection looks like an idle one, and Npgsql takes long to notice.
        var looking = LookAsync(cancellationToken);
        await ((Task)looking).WaitAsync(AnswerLimit, _database.Time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!looking.IsCompleted)
        {
            _abandoned = looking;
            throw new TimeoutException($"The server did not answer within {AnswerLimit.TotalSeconds} s on the connection that listens.");
        }

        var (fingerprint, process, listens) = await looking;
        _database.DetectPooler(_connection, process);
        if (_isProved && !listens)
        {
            throw new EventStreamLogException(
                "The session on the server no longer listens: a connection pooler gave this connection another session.")
            {
                IsTransient = true,
            };
        }

        if (!_database.Identity.IsChecked(fingerprint)) await _database.Identity.CheckAsync(cancellationToken);
        _database.Availability.Succeeded(LogWork.Follow);
    }

    private async Task<(string Fingerprint, int Process, bool Listens)> LookAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(_connection, _database.Sql.Notifications.Look);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetString(0), reader.GetInt32(1), reader.GetBoolean(2));
    }

    private async ValueTask SendProofAsync(CancellationToken cancellationToken)
    {
        await using var other = await _database.OpenAsync(cancellationToken);
        await using var command = Command(other, _database.Sql.Notifications.Send);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _proof });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async ValueTask ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(_connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task CloseAfterAsync(Task question)
    {
        await question.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync();
    }

    private static CancellationTokenSource NextPoll(LogDatabase database) => new(database.Options.PollInterval, database.Time);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { CommandTimeout = (int)AnswerLimit.TotalSeconds };
}
