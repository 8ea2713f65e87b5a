using System.Transactions;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>The database as all parts of the package see it: its connections, the SQL, and what became of the last attempts.</summary>
internal sealed class LogDatabase : IAsyncDisposable, IDisposable
{
    private const int MostAttempts = 5;
    private readonly NpgsqlDataSource _source;
    private readonly bool _isOwn;
    private volatile bool _isPooled;

    /// <param name="source">Where connections come from.</param>
    /// <param name="isOwn">Whether to dispose of it.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="time">For waits.</param>
    /// <param name="logger">For all parts.</param>
    public LogDatabase(NpgsqlDataSource source, bool isOwn, PostgreSqlLogOptions options, TimeProvider time, ILogger logger)
    {
        (_source, _isOwn, Options, Time, Logger) = (source, isOwn, options, time, logger);
        Sql = new LogSql(new SchemaName(options.Schema));
        Reach = new Reach(logger);
        Unanswered = new Unanswered(time);
        Hearing = new Hearing(logger, options.PollInterval);
        Identity = new Identity(this);
        SchemaLock = new NodeLock(this, "schema");
    }

    public PostgreSqlLogOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public LogSql Sql { get; }

    public Reach Reach { get; }

    public Unanswered Unanswered { get; }

    public Hearing Hearing { get; }

    public LongWork LongWork { get; } = new();

    public Identity Identity { get; }

    /// <summary>Why subscribers of this node get messages late; null: they do not.</summary>
    public string? Fault => Reach.Failure ?? Hearing.Fault ?? Unanswered.Fault;

    /// <summary>One node at a time looks at the schema, and at its identity.</summary>
    public NodeLock SchemaLock { get; }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="EventStreamLogException">That was not possible.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // Whoever publishes may be in a transaction scope, of which the log's own transaction is no part.
        using var alone = Transaction.Current is null ? null : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw Faults.Explain(exception);
        }
    }

    /// <summary>Learns whether a pooler is between the app and the server, which gives out process ids of its own.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="process">The server's process that has answered on it.</param>
    public void LookForPooler(NpgsqlConnection connection, int process) => _isPooled = connection.ProcessID != process;

    /// <summary>Prepares a batch by name, but not behind a pooler.</summary>
    /// <remarks>There the next transaction may get a session that has other statements by the same names.</remarks>
    public Task PrepareAsync(NpgsqlBatch batch, CancellationToken cancellationToken) =>
        _isPooled ? Task.CompletedTask : batch.PrepareAsync(cancellationToken);

    /// <summary>
    /// Does something in a transaction, and again where that is safe and may help: after a collision, a lost connection, a change of
    /// server.
    /// </summary>
    /// <param name="work">What it is.</param>
    /// <param name="attempt">Does it; what it returns without a commit is taken back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStreamLogException">It could not be done.</exception>
    /// <exception cref="ListLengthException">A publisher's mistake, which says nothing of the database.</exception>
    public ValueTask<T> RunAsync<T>(LogWork work, Func<LogTransaction, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) => RunAsync(
        work,
        async token =>
        {
            await using var connection = await OpenAsync(token);
            return await attempt(new LogTransaction(this, connection), token);
        },
        cancellationToken);

    /// <summary>The same, on a connection that the attempt has from elsewhere.</summary>
    public async ValueTask<T> RunAsync<T>(LogWork work, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        using var waiting = Unanswered.Begin(work);
        var hasLostConnection = false;
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                var result = await attempt(cancellationToken);
                Reach.Succeeded(work);
                return result;
            }
            catch (FingerprintException) when (attempts < MostAttempts)
            {
                await CheckIdentityAsync(work, cancellationToken);
            }
            catch (Exception exception) when (Faults.IsCollision(exception) && attempts < MostAttempts)
            {
                // The other transaction has what it wanted.
            }
            catch (Exception exception) when (Faults.IsConnectionLoss(exception) && !hasLostConnection)
            {
                // A connection of the pool that a restart of the server has left behind; the next one is new.
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

    /// <summary>For services that are not disposed of asynchronously.</summary>
    public void Dispose()
    {
        Identity.Dispose();
        if (_isOwn) _source.Dispose();
    }

    /// <summary>Takes note of a failure, and says what it means.</summary>
    public EventStreamLogException Failed(LogWork work, Exception exception)
    {
        var explained = Faults.Explain(exception);
        if (!Faults.IsOfTheRecord(exception)) Reach.Failed(work, explained);
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
