using System.Data.Common;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Reading;

namespace EventStream.PostgreSql;

/// <summary>The log of channels in a PostgreSQL database.</summary>
internal sealed class PostgreSqlLog(LogDatabase database, OutboxWriter outbox, MovedMessages moved)
    : IEventStreamTransactionalLog, IDisposable
{
    private readonly Appender _appender = new(database);
    private readonly PageReader _reader = new(database);
    private readonly Follower _follower = new(database);

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

    public void Dispose() => _appender.Dispose();
}
