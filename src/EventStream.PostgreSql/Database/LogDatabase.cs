using System.Transactions;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>The database for all parts of the package: its connections, its SQL, and its health.</summary>
internal sealed class LogDatabase : IAsyncDisposable, IDisposable
{
    private const int MostAttempts = 5;
    private readonly NpgsqlDataSource _source;
    private readonly bool _isOwn;
    private volatile bool _isPooled;

    /// <param name="source">Opens connections.</param>
    /// <param name="isOwn">Whether to dispose of the source.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="time">The clock for waits.</param>
    /// <param name="logger">The logger for all parts.</param>
    public LogDatabase(NpgsqlDataSource source, bool isOwn, PostgreSqlLogOptions options, TimeProvider time, ILogger logger)
    {
        (_source, _isOwn, Options, Time, Logger) = (source, isOwn, options, time, logger);
        Sql = new LogSql(new SchemaName(options.Schema));
        Availability = new Availability(logger);
        PendingWork = new PendingWork(time);
        Notifications = new NotificationHealth(logger, options.PollInterval);
        Identity = new Identity(this);
        SchemaLock = new NodeLock(this, "schema");
    }

    public PostgreSqlLogOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public LogSql Sql { get; }

    public Availability Availability { get; }

    public PendingWork PendingWork { get; }

    public NotificationHealth Notifications { get; }

    public LongWork LongWork { get; } = new();

    public Identity Identity { get; }

    /// <summary>Why subscribers of this node get messages late; null if they do not.</summary>
    public string? Fault => Availability.Failure ?? Notifications.Fault ?? PendingWork.Fault;

    /// <summary>Lets one node at a time check the schema and its identity.</summary>
    public NodeLock SchemaLock { get; }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="EventStreamLogException">The database is unavailable, or rejects the connection.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // The publisher may have opened a transaction scope. The log's own transaction must not take part in it.
        using var alone = Transaction.Current is null
            ? null
            : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw Faults.Explain(exception);
        }
    }

    /// <summary>Detects a pooler between the app and the server.</summary>
    /// <remarks>A pooler hands out its own process ids, which differ from the server's.</remarks>
    /// <param name="connection">A connection.</param>
    /// <param name="process">The id of the server's process that answered on it.</param>
    public void DetectPooler(NpgsqlConnection connection, int process) => _isPooled = connection.ProcessID != process;

    /// <summary>Prepares a batch by name, but not behind a pooler.</summary>
    /// <remarks>Behind a pooler the next transaction may run in a session whose statements of the same names differ.</remarks>
    public Task PrepareAsync(NpgsqlBatch batch, CancellationToken cancellationToken) =>
        _isPooled ? Task.CompletedTask : batch.PrepareAsync(cancellationToken);

    /// <summary>Runs work in a transaction, and again where a retry is safe and may help.</summary>
    /// <remarks>It retries after a deadlock, a lost connection, and a change of server.</remarks>
    /// <param name="work">The kind of work.</param>
    /// <param name="attempt">Does the work. If it returns without a commit, the transaction is rolled back.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="EventStreamLogException">The work failed.</exception>
    /// <exception cref="ListLengthException">A publisher's mistake, which does not count against the database's health.</exception>
    public ValueTask<T> RunAsync<T>(
        LogWork work, Func<LogTransaction, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) =>
        RunAsync(
            work,
            async token =>
            {
                await using var connection = await OpenAsync(token);
                return await attempt(new LogTransaction(this, connection), token);
            },
            cancellationToken);

    /// <summary>Runs work on a connection that the attempt opens itself, and again where a retry is safe and may help.</summary>
    public async ValueTask<T> RunAsync<T>(LogWork work, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        using var waiting = PendingWork.Begin(work);
        var hasLostConnection = false;
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                var result = await attempt(cancellationToken);
                Availability.Succeeded(work);
                return result;
            }
            catch (FingerprintException) when (attempts < MostAttempts)
            {
                await CheckIdentityAsync(work, cancellationToken);
            }
            catch (Exception exception) when (Faults.IsCollision(exception) && attempts < MostAttempts)
            {
                // The other transaction has got its locks, so a second attempt can succeed.
            }
            catch (Exception exception) when (Faults.IsConnectionLoss(exception) && !hasLostConnection)
            {
                // A restart of the server breaks the pool's connections. The next attempt gets a new one.
                hasLostConnection = true;
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or ListLengthException))
            {
                throw Failed(work, exception);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Identity.Dispose();
        if (_isOwn) await _source.DisposeAsync();
    }

    /// <summary>Disposes of the database in a service provider that is not disposed of asynchronously.</summary>
    public void Dispose()
    {
        Identity.Dispose();
        if (_isOwn) _source.Dispose();
    }

    /// <summary>Records a failure for the health check, and explains it.</summary>
    public EventStreamLogException Failed(LogWork work, Exception exception)
    {
        var explained = Faults.Explain(exception);
        if (!Faults.IsOfTheRecord(exception)) Availability.Failed(work, explained);
        return explained;
    }

    private async ValueTask CheckIdentityAsync(LogWork work, CancellationToken cancellationToken)
    {
        try
        {
            await Identity.CheckAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw Failed(work, exception);
        }
    }
}
