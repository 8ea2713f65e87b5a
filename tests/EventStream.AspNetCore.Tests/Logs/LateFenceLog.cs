using System.Collections.Concurrent;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log that checks the token of an append in a step of its own: another claim comes between the two.</summary>
internal sealed class LateFenceLog(SharedLog log) : IEventStreamRunLog
{
    private readonly ConcurrentDictionary<string, string?> _holders = [];
    private TaskCompletionSource _claimed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        var (record, claimed) = (records[0], _claimed.Task);
        if (_holders[record.Channel] != record.RunToken) return [null];
        await claimed;
        return await log.AppendAsync([record with { RunToken = null }], cancellationToken);
    }

    public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) => log.ReadAsync(requests, cancellationToken);

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);

    public async ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        var run = await log.ClaimRunAsync(claim, cancellationToken);
        Claimed(run);
        return run;
    }

    public async ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        var run = await log.TakeOverRunAsync(claim, cancellationToken);
        Claimed(run!);
        return run;
    }

    public ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken) =>
        log.RenewRunsAsync(tokens, lease, cancellationToken);

    public ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken) =>
        log.EndRunAsync(channel, token, state, areReadersTold, cancellationToken);

    public ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken) =>
        log.RequestStopAsync(channel, epoch, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken) => log.ReadRunsAsync(channels, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        log.EndAbandonedRunsAsync(patience, cancellationToken);

    private void Claimed(EventStreamLogRun run)
    {
        _holders[run.Channel] = run.Token;
        Interlocked.Exchange(ref _claimed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
