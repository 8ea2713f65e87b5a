using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>The history that a run on a channel in memory fills.</summary>
internal sealed class MemoryRunOutput(MemoryBacking backing, ChannelRegistry channels) : RunOutput
{
    public override Task<RunEndReason> Broken { get; } = new TaskCompletionSource<RunEndReason>().Task;

    public override ValueTask WriteAsync(RingEntry[] entries)
    {
        // It takes none after the app has completed the channel by hand.
        if (backing.History.TryAppend(entries, isList: entries.Length > 1)) backing.Definition.Metrics.Published(entries.Length);
        return default;
    }

    public override Task FlushAsync() => Task.CompletedTask;

    public override Task EndAsync(RunOutcome outcome)
    {
        var history = backing.History;

        // The app has completed the channel by hand, and its run with it.
        if (!history.TryEndRun(outcome.State, backing.Definition.Host.Time.GetUtcNow())) return Task.CompletedTask;

        // Its streams end with the host, and their clients come back to a node that runs.
        if (outcome.End == RunEndReason.HostStopped) return Task.CompletedTask;

        // Before it is completed, so that a call after the failure starts the run again.
        if (outcome.State == EventStreamRunState.Failed) channels.Detach(backing);
        history.TryComplete(outcome.AreReadersTold ? null : outcome.Failure);
        return Task.CompletedTask;
    }
}
