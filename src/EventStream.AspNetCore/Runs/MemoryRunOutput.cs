using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>The history that a run on a channel in memory fills.</summary>
internal sealed class MemoryRunOutput(MemoryBacking backing, ChannelRegistry channels) : RunOutput
{
    public override Task<RunEnd> Broken { get; } = new TaskCompletionSource<RunEnd>().Task;

    public override ValueTask WriteAsync(RingEntry[] entries)
    {
        // The history is in use as long as its run is running, so it is not retired.
        backing.History.TryAppend(entries, isList: entries.Length > 1);
        backing.Definition.Metrics.Published(entries.Length);
        return default;
    }

    public override Task FlushAsync() => Task.CompletedTask;

    public override Task EndAsync(RunOutcome outcome)
    {
        var history = backing.History;
        history.EndRun(outcome.State, backing.Definition.Host.Time.GetUtcNow());

        // Its streams end with the host, and their clients come back to a node that runs.
        if (outcome.End == RunEnd.HostStopped) return Task.CompletedTask;

        // Before it is completed, so that a call after the failure starts the run again.
        if (outcome.State == EventStreamRunState.Failed) channels.Detach(backing);
        history.TryComplete(outcome.AreReadersTold ? null : outcome.Failure);
        return Task.CompletedTask;
    }
}
