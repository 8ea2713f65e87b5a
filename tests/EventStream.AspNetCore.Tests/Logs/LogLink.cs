namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>One node's way to the log that it shares with others, which a test narrows for this node alone.</summary>
internal sealed class LogLink(IEventStreamRunLog log) : IEventStreamRunLog
{
    /// <summary>What a read waits for before it begins.</summary>
    public Func<IReadOnlyList<EventStreamLogRequest>, Task> Reading { get; set; } = _ => Task.CompletedTask;

    /// <summary>What an append waits for before it begins.</summary>
    public Func<IReadOnlyList<EventStreamLogRecord>, Task> Appending { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a call about runs waits for before it begins; it gets the method's name.</summary>
    public Func<string, Task> AskingForRuns { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the answer to an append waits for, which the log has done.</summary>
    public Func<IReadOnlyList<EventStreamLogRecord>, Task> AnsweringAppend { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the answer to a takeover of a run waits for, which the log has done.</summary>
    public Func<Task> AnsweringTakeOver { get; set; } = () => Task.CompletedTask;

    /// <summary>Has all calls wait, as those of a frozen process.</summary>
    /// <returns>Lets it go on.</returns>
    public Action Freeze()
    {
        var thaw = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Reading = _ => thaw.Task;
        Appending = _ => thaw.Task;
        AskingForRuns = _ => thaw.Task;
        return thaw.SetResult;
    }

    /// <summary>Has all calls fail, until they are given their way again.</summary>
    public void Cut()
    {
        Reading = _ => Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
        Appending = _ => Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
        AskingForRuns = _ => Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
    }

    /// <summary>Has all calls work.</summary>
    public void Mend()
    {
        Reading = _ => Task.CompletedTask;
        Appending = _ => Task.CompletedTask;
        AskingForRuns = _ => Task.CompletedTask;
        AnsweringAppend = _ => Task.CompletedTask;
        AnsweringTakeOver = () => Task.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        await Appending(records);
        var positions = await log.AppendAsync(records, cancellationToken);
        await AnsweringAppend(records);
        return positions;
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        await Reading(requests).WaitAsync(cancellationToken);
        return await log.ReadAsync(requests, cancellationToken);
    }

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);

    public async ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(ClaimRunAsync));
        return await log.ClaimRunAsync(claim, cancellationToken);
    }

    public async ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(TakeOverRunAsync));
        var run = await log.TakeOverRunAsync(claim, cancellationToken);
        await AnsweringTakeOver();
        return run;
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(RenewRunsAsync));
        return await log.RenewRunsAsync(tokens, lease, cancellationToken);
    }

    public async ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(EndRunAsync));
        return await log.EndRunAsync(channel, token, state, areReadersTold, cancellationToken);
    }

    public async ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(RequestStopAsync));
        return await log.RequestStopAsync(channel, epoch, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(ReadRunsAsync));
        return await log.ReadRunsAsync(channels, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await AskingForRuns(nameof(EndAbandonedRunsAsync));
        return await log.EndAbandonedRunsAsync(patience, cancellationToken);
    }
}
