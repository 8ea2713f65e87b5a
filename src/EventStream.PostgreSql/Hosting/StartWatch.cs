using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Watches the attempts of the app's start: logs what they wait for, and gives up after the start's timeout.</summary>
/// <remarks>The time while the server works for the attempt, for example on an upgrade of large tables, does not count.</remarks>
internal sealed class StartWatch(LogDatabase database)
{
    private const string NoConnection =
        "no connection can be opened. The server does not answer, or all connections of the pool are in use. "
        + "Check Host, Port and Maximum Pool Size in the connection string, and the network.";

    private const string NoAnswer =
        "the server does not answer, and gives no reason. "
        + "Check the network and the server, and whether another session holds a lock (pg_locks).";

    private const string AtWork = "the server upgrades the schema or renews the epochs. The start continues when that is done.";
    private const string EndIt = "End that transaction or session. If it is another node's upgrade of the schema, raise StartTimeout.";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _started = database.Time.GetTimestamp();
    private long _waitsSince = database.Time.GetTimestamp();
    private bool _isAtWork;
    private EventStreamLogException? _failure;
    private string? _loggedReason;

    // Of the current attempt: the server's process for it (0: no connection), and the lock that it waited for at the last query.
    private volatile int _process;
    private volatile string? _lock;

    private TimeSpan Timeout => database.Options.StartTimeout;

    /// <summary>Makes an attempt on a connection, and returns it when it has succeeded or failed.</summary>
    /// <remarks>An attempt has at least a second, also if the timeout is shorter.</remarks>
    /// <exception cref="EventStreamLogException">The start has waited too long.</exception>
    public async Task<Task> RunAsync(Func<NpgsqlConnection, CancellationToken, Task> attempt, CancellationToken cancellationToken)
    {
        // Cancelled on another thread and not awaited, because Npgsql opens a second connection to cancel, and blocks meanwhile.
        var cancellation = new CancellationTokenSource();
        var running = Task.Run(() => ConnectAsync(attempt, cancellation.Token), CancellationToken.None);
        try
        {
            while (!await HasEndedAsync(running, cancellationToken)) await LookAsync(cancellationToken);
            return running;
        }
        catch
        {
            _ = cancellation.CancelAsync();
            _ = ObserveAsync(running);
            throw;
        }
    }

    /// <summary>Records an attempt that failed, and may succeed later.</summary>
    /// <exception cref="EventStreamLogException">The start has waited too long.</exception>
    public void Failed(EventStreamLogException failure)
    {
        if (HasPassed(_waitsSince)) throw _lock is { } reason ? TooLong(reason, failure) : failure;
        if (_failure is null) Log.StartWaits(database.Logger, Timeout, failure.Message);
        _failure = failure;
    }

    private async Task ConnectAsync(Func<NpgsqlConnection, CancellationToken, Task> attempt, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        (_process, _lock) = (0, null);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var ask = new NpgsqlCommand(SessionSql.Process, connection);
        _process = (int)(await ask.ExecuteScalarAsync(cancellationToken))!;
        database.DetectPooler(connection, _process);
        await attempt(connection, cancellationToken);
    }

    private async Task<bool> HasEndedAsync(Task running, CancellationToken cancellationToken)
    {
        var left = Timeout - database.Time.GetElapsedTime(_waitsSince);
        var wait = left > TimeSpan.Zero && left < Interval ? left : Interval;
        await running.WaitAsync(wait, database.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return running.IsCompleted;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var reason = _process == 0 ? NoConnection : await AskAsync(_process, cancellationToken);
        var wasAtWork = _isAtWork;
        _isAtWork = reason == AtWork;

        // Two queries, because between two statements of its work the server's process is idle for a moment.
        if (_isAtWork || wasAtWork) _waitsSince = database.Time.GetTimestamp();

        // The failure of the last attempt says more than that this one has no connection yet. Work is logged only once it takes long.
        var isNews = reason switch
        {
            NoConnection => _failure is null,
            AtWork => HasPassed(_started),
            NoAnswer => !wasAtWork,
            _ => true,
        };
        if (isNews && reason != _loggedReason) Log.StartStillWaits(database.Logger, Timeout, _loggedReason = reason);
        if (HasPassed(_waitsSince) && !_isAtWork && !wasAtWork) throw isNews ? TooLong(reason) : _failure!;
    }

    /// <summary>Observes the exception of an attempt that fails after the start has given up.</summary>
    private static async Task ObserveAsync(Task attempt) => await attempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private bool HasPassed(long since) => database.Time.GetElapsedTime(since) >= Timeout;

    private EventStreamLogException TooLong(string reason, Exception? failure = null) =>
        new($"The app's start has waited {Timeout} for the database: {reason}", failure) { IsTransient = true };

    private async Task<string> AskAsync(int process, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Interval, database.Time);
        try
        {
            var asking = Task.Run(() => ReasonOfAsync(process, limit.Token), CancellationToken.None);
            return await asking.WaitAsync(Interval, database.Time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return NoAnswer;
        }
    }

    /// <summary>Queries why a process of the server has not answered yet.</summary>
    private async Task<string> ReasonOfAsync(int process, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(LockSql.Waiting, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = process });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return NoAnswer;
        if (!reader.IsDBNull(1)) return _lock = $"a lock is held by {reader.GetString(1)}. {EndIt}";
        var isAtWork = reader.IsDBNull(0) ? database.LongWork.IsUnderWay : reader.GetBoolean(0);
        return isAtWork ? AtWork : NoAnswer;
    }
}
