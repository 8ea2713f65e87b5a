namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log with one fault in what it does with runs.</summary>
internal sealed class BrokenRunLog(SharedLog log) : IEventStreamRunLog
{
    public Func<EventStreamLogRecord, EventStreamLogRecord> Record { get; init; } = record => record;

    public Func<IReadOnlyList<EventStreamPosition?>, IReadOnlyList<EventStreamPosition?>> Positions { get; init; } = positions => positions;

    public Func<EventStreamLogPage, EventStreamLogPage> Page { get; init; } = page => page;

    /// <summary>What it does before a call about a channel's run.</summary>
    public Func<string, Task> Before { get; init; } = _ => Task.CompletedTask;

    public Func<EventStreamRunClaim, EventStreamRunClaim> Claim { get; init; } = claim => claim;

    public Func<EventStreamRunClaim, EventStreamLogRun, EventStreamLogRun> Claimed { get; init; } = (_, run) => run;

    public Func<SharedLog, EventStreamRunClaim, Task<EventStreamLogRun?>> TakeOver { get; init; } =
        (log, claim) => log.TakeOverRunAsync(claim, default).AsTask();

    public Func<IReadOnlyList<string>, IReadOnlyList<string>> Tokens { get; init; } = tokens => tokens;

    public Func<TimeSpan, TimeSpan> Lease { get; init; } = lease => lease;

    public Func<IReadOnlyList<string>, IReadOnlyList<EventStreamLogRun>, IReadOnlyList<EventStreamLogRun>> Renewed { get; init; } =
        (_, runs) => runs;

    public Func<string, string, Task<string>> EndToken { get; init; } = (_, token) => Task.FromResult(token);

    public Func<EventStreamRunState, EventStreamRunState> State { get; init; } = state => state;

    public Func<bool, bool> AreReadersTold { get; init; } = areTold => areTold;

    /// <summary>What a requested stop does in place of what it should.</summary>
    public Func<string, Task<EventStreamLogRun?>>? Stop { get; init; }

    public Func<EventStreamLogRun, EventStreamLogRun> Run { get; init; } = run => run;

    public Func<IReadOnlyList<EventStreamLogRun>, IReadOnlyList<EventStreamLogRun>> Found { get; init; } = runs => runs;

    public Func<TimeSpan, TimeSpan> Patience { get; init; } = patience => patience;

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) =>
        Positions(await log.AppendAsync([.. records.Select(Record)], cancellationToken));

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
        [.. (await log.ReadAsync(requests, cancellationToken)).Select(Page)];

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);

    public async ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await Before(claim.Channel);
        return Run(Claimed(claim, await log.ClaimRunAsync(Claim(claim), cancellationToken)));
    }

    public async ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await Before(claim.Channel);
        return await TakeOver(log, Claim(claim));
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken) =>
        Renewed(tokens, await log.RenewRunsAsync(Tokens(tokens), Lease(lease), cancellationToken));

    public async ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken)
    {
        await Before(channel);
        var held = await EndToken(channel, token);
        var run = await log.EndRunAsync(channel, held, State(state), AreReadersTold(areReadersTold), cancellationToken);
        return run is null ? null : Run(run);
    }

    public async ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken)
    {
        await Before(channel);
        return Stop is null ? await log.RequestStopAsync(channel, epoch, cancellationToken) : await Stop(channel);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken) =>
        [.. Found(await log.ReadRunsAsync(channels, cancellationToken)).Select(Run)];

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(
        TimeSpan patience, CancellationToken cancellationToken) =>
        Found(await log.EndAbandonedRunsAsync(Patience(patience), cancellationToken));
}
