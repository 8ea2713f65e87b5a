using System.Data.Common;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A shared log that notes what it is to append in transactions, each call by itself.</summary>
internal sealed class TransactionalLog(SharedLog log) : IEventStreamTransactionalLog
{
    public event Action<string, int>? Appended;

    /// <summary>What was published in transactions.</summary>
    public List<(EventStreamLogRecord[] Records, DbTransaction Transaction)> Taken { get; } = [];

    public ValueTask AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, DbTransaction transaction, CancellationToken cancellationToken)
    {
        Taken.Add(([.. records], transaction));
        return default;
    }

    public void TellOfAppended(string channel, int count) => Appended?.Invoke(channel, count);

    public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) => log.AppendAsync(records, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) => log.ReadAsync(requests, cancellationToken);

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);
}
