namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>One node's way to the log that it shares with others, which a test narrows for this node alone.</summary>
internal sealed class LogLink(IEventStreamLog log) : IEventStreamLog
{
    /// <summary>What a read waits for before it begins.</summary>
    public Func<IReadOnlyList<EventStreamLogRequest>, Task> Reading { get; set; } = _ => Task.CompletedTask;

    /// <summary>What an append waits for before it begins.</summary>
    public Func<IReadOnlyList<EventStreamLogRecord>, Task> Appending { get; set; } = _ => Task.CompletedTask;

    /// <summary>Has reads and appends wait, as those of a frozen process.</summary>
    /// <returns>Lets it go on.</returns>
    public Action Freeze()
    {
        var thaw = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Reading = _ => thaw.Task;
        Appending = _ => thaw.Task;
        return thaw.SetResult;
    }

    /// <summary>Has reads and appends fail, until they are given their way again.</summary>
    public void Cut()
    {
        Reading = _ => Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
        Appending = _ => Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
    }

    /// <summary>Has reads and appends work.</summary>
    public void Mend()
    {
        Reading = _ => Task.CompletedTask;
        Appending = _ => Task.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        await Appending(records);
        return await log.AppendAsync(records, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        await Reading(requests).WaitAsync(cancellationToken);
        return await log.ReadAsync(requests, cancellationToken);
    }

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);
}
