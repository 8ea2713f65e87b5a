using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>The runs of an app: on channels in memory, and on channels of a log.</summary>
/// <param name="channels">The channels of this node.</param>
/// <param name="memory">The runs in memory.</param>
/// <param name="log">The runs in the log; null if the log holds none, or there is no log.</param>
internal sealed class ChannelRuns(ChannelRegistry channels, MemoryRuns memory, LogRuns? log)
{
    /// <exception cref="ArgumentException">There is no such channel, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The channel is in a log that holds no runs.</exception>
    public void Check(string channel, EventStreamRunOptions options)
    {
        RunOptionsCheck.Check(options);
        if (!channels.CheckedDefinitionOf(channel).IsDurable || log is not null) return;
        throw new InvalidOperationException(
            $"The messages of the channel '{channel}' are in a log that holds no runs: it is no IEventStreamRunLog. "
            + "Use a log that does, such as AddPostgreSql, or set InMemory for the channel and route its clients to one node.");
    }

    public Task<EventStreamRun> StartAsync(RunRequest request, bool mayRestart, CancellationToken cancellationToken)
    {
        if (LogOf(request.Channel) is { } runs) return runs.StartAsync(request, mayRestart, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(memory.Start(request, mayRestart));
    }

    public Task<EventStreamRun?> StopAsync(string channel, CancellationToken cancellationToken) =>
        LogOf(channel)?.StopAsync(channel, epoch: null, cancellationToken) ?? Task.FromResult(memory.Stop(channel));

    public Task<EventStreamRun?> GetAsync(string channel, CancellationToken cancellationToken) =>
        LogOf(channel)?.GetAsync(channel, cancellationToken) ?? Task.FromResult(memory.Get(channel));

    public async Task<IReadOnlyList<EventStreamRun>> ListAsync(CancellationToken cancellationToken) =>
        [.. memory.List(), .. log is null ? [] : await log.ListAsync(cancellationToken)];

    private LogRuns? LogOf(string channel) => channels.CheckedDefinitionOf(channel).IsDurable ? log : null;
}
