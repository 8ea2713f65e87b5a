using System.Data.Common;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Reading;
using EventStream.PostgreSql.Runs;

namespace EventStream.PostgreSql;

/// <summary>The log of channels in a PostgreSQL database.</summary>
internal sealed class PostgreSqlLog(LogDatabase database, OutboxWriter outbox, MovedMessages moved)
    : IEventStreamTransactionalLog, IEventStreamRunLog, IDisposable
{
    private readonly Appender _appender = new(database);
    private readonly PageReader _reader = new(database);
    private readonly Follower _follower = new(database);
    private readonly RunTable _runs = new(database);

    public event Action<string, int>? Appended
    {
        add => moved.Moved += value;
        remove => moved.Moved -= value;
    }

    public string? HealthProblem => database.Fault;

    public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) =>
        _appender.AppendAsync(records, cancellationToken);

    public ValueTask AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, DbTransaction transaction, CancellationToken cancellationToken) =>
        outbox.WriteAsync(records, transaction, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
        _reader.ReadAsync(requests, cancellationToken);

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) =>
        _follower.FollowAsync(cancellationToken);

    public ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken) =>
        _runs.ClaimAsync(claim, cancellationToken);

    public ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken) =>
        _runs.TakeOverAsync(claim, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken) =>
        _runs.RenewAsync(tokens, lease, cancellationToken);

    public ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken) =>
        _runs.EndAsync(channel, token, state, areReadersTold, cancellationToken);

    public ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken) =>
        _runs.RequestStopAsync(channel, epoch, cancellationToken);

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken) =>
        await _runs.ReadAsync(channels, cancellationToken);

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(
        TimeSpan patience, CancellationToken cancellationToken) =>
        await _runs.EndAbandonedAsync(patience, cancellationToken);

    public void Dispose()
    {
        _appender.Dispose();
        _runs.Dispose();
    }
}
