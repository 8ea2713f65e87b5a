using System.Data;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Following;

/// <summary>The one connection of a node that hears notifications.</summary>
/// <remarks>
/// That they arrive is proved, because a pooler in transaction mode accepts <c>LISTEN</c> and then passes nothing on:
/// <list type="number">
/// <item>The connection listens, and another one sends a notification of which only this node knows the text.</item>
/// <item>If it has not arrived after <see cref="Patience"/>, the node says so (<see cref="Hearing"/>), and goes on with polls alone.</item>
/// <item>Each poll asks whether the session still listens. If not, the connection is given up, and the next one begins at step 1.</item>
/// <item>While nothing arrives, each poll listens and sends the notification again, and does not wait for it.</item>
/// </list>
/// The notification comes from another connection: its own would reach it with the answer, also through such a pooler.
/// </remarks>
internal sealed class Listening : IAsyncDisposable
{
    /// <summary>Within which the server answers, and a notification arrives.</summary>
    private static readonly TimeSpan Patience = Unanswered.Patience;

    private readonly LogDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly string _proof = HintText.NewProof();

    // Filled while the connection is read, which is only done by this class's own statements and by WaitAsync.
    private List<string> _heard = [];
    private bool _isProved;
    private CancellationTokenSource _poll;

    // The question that was given up, on a connection that nothing else may use.
    private Task? _abandoned;

    private Listening(LogDatabase database, NpgsqlConnection connection)
    {
        (_database, _connection, _poll) = (database, connection, NextPoll(database));
        connection.Notification += (_, notification) => Hear(notification.Payload);
    }

    /// <summary>Listens, and sends the proof.</summary>
    public static async ValueTask<Listening> BeginAsync(LogDatabase database, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        Listening? listening = null;
        try
        {
            using (database.Unanswered.Begin(LogWork.Follow))
            {
                listening = new Listening(database, await database.OpenAsync(cancellationToken));
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

    /// <summary>Waits for the proof. What else is heard meanwhile is kept.</summary>
    public async ValueTask ProveAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        try
        {
            using var limit = new CancellationTokenSource(Patience, _database.Time);
            while (!_isProved && await WaitAsync(limit.Token, cancellationToken))
            {
            }

            if (!_isProved) _database.Hearing.Failed();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw _database.Failed(LogWork.Follow, exception);
        }
    }

    /// <summary>Waits for notifications, and returns their texts; and whether it is time to look without.</summary>
    public async ValueTask<(IReadOnlyList<string> Texts, bool IsPoll)> HearAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        try
        {
            var isPoll = false;
            while (_heard.Count == 0 && !isPoll) isPoll = _poll.IsCancellationRequested || !await WaitAsync(_poll.Token, cancellationToken);
            if (isPoll)
            {
                await PollAsync(cancellationToken);
                _poll.Dispose();
                _poll = NextPoll(_database);
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
        using var untraced = Untraced.Begin();
        _poll.Dispose();
        if (_abandoned is not null)
        {
            _ = CloseAfterAsync(_abandoned);
            return;
        }

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

    private void Hear(string text)
    {
        if (text == _proof)
        {
            _isProved = true;
            _database.Hearing.Succeeded();
        }
        else if (!HintText.IsProof(text))
        {
            _heard.Add(text);
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

    /// <summary>Asks the server for the fingerprint, and whether the session listens.</summary>
    private async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        // A connection that has died without a word looks like one on which nothing is said. Npgsql takes long to give it up.
        var looking = LookAsync(cancellationToken);
        await ((Task)looking).WaitAsync(Patience, _database.Time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!looking.IsCompleted)
        {
            _abandoned = looking;
            throw new TimeoutException($"There was no answer within {Patience.TotalSeconds} s on the connection that listens.");
        }

        var (fingerprint, process, listens) = await looking;
        _database.LookForPooler(_connection, process);
        if (_isProved && !listens)
        {
            throw new EventStreamLogException("The session on the server does not listen any more: a connection pooler has replaced it.")
            {
                IsTransient = true,
            };
        }

        if (!_database.Identity.IsChecked(fingerprint)) await _database.Identity.CheckAsync(cancellationToken);
        _database.Reach.Succeeded(LogWork.Follow);
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
        new(sql, connection) { CommandTimeout = (int)Patience.TotalSeconds };
}
