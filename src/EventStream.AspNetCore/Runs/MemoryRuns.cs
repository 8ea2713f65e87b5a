using EventStream.AspNetCore.Channels;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Runs;

/// <summary>The runs on channels in memory: this process alone knows them.</summary>
/// <param name="channels">The channels of this node.</param>
/// <param name="running">The runs whose producers are called on this node.</param>
/// <param name="scopes">Makes the scopes of the producers' services.</param>
/// <param name="node">The name of this node.</param>
internal sealed class MemoryRuns(ChannelRegistry channels, NodeRuns running, IServiceScopeFactory scopes, string node)
{
    /// <summary>Starts a run, or joins the one that is there.</summary>
    public EventStreamRun Start(RunRequest request, bool mayRestart)
    {
        while (true)
        {
            var backing = (MemoryBacking)channels.Get(request.Channel);

            // Without this, the sweep could drop the channel before the caller has subscribed.
            backing.Touch();
            var history = backing.History;
            if (history.IsOfRun || history.IsComplete)
            {
                var isRunning = history.Run is { State: EventStreamRunState.Running };
                if (isRunning || !mayRestart || !request.Options.Restart) return RunOf(backing);

                // The subscribers of the earlier run still read it to its end.
                channels.Detach(backing);
                continue;
            }

            OwnedRun run = new(backing.Channel, request.Producer, request.Options, new MemoryRunOutput(backing, channels), scopes)
            {
                Messages = history.Newest,
                Last = history.Newest > 0 ? history.PositionAt(history.Newest) : null,
            };
            if (!history.TryBeginRun(new(run, EventStreamRunState.Running, backing.Definition.Host.Time.GetUtcNow()))) continue;
            var begun = RunOf(backing, isNew: true);
            running.Begin(run);
            return begun;
        }
    }

    /// <summary>Stops a run; null if the channel has none.</summary>
    public EventStreamRun? Stop(string name) => Find(name) is { } backing ? Stop(backing) : null;

    /// <summary>Gets the run of a channel; null if it has none.</summary>
    public EventStreamRun? Get(string name) => Find(name) is { } backing ? RunOf(backing) : null;

    /// <summary>Lists the runs that are running.</summary>
    public IEnumerable<EventStreamRun> List() =>
        from backing in channels.All.OfType<MemoryBacking>()
        where backing.History.Run is { State: EventStreamRunState.Running }
        select RunOf(backing);

    // A failed run has left its name free, and is found as long as its readers can read it.
    private MemoryBacking? Find(string name) => channels.AllOf(name).OfType<MemoryBacking>()
        .Where(backing => backing.History.IsOfRun).MaxBy(backing => backing.History.Run!.Since);

    private EventStreamRun Stop(MemoryBacking backing)
    {
        backing.History.Run?.Producer.Stop(RunEndReason.Stopped);
        return RunOf(backing);
    }

    private EventStreamRun RunOf(MemoryBacking backing, bool isNew = false)
    {
        backing.Channel.Run = backing;
        var run = backing.History.Run;
        return new(backing.Channel, _ => Task.FromResult<EventStreamRun?>(Stop(backing)))
        {
            State = run?.State ?? EventStreamRunState.Complete,
            Since = run?.Since ?? backing.Definition.Host.Time.GetUtcNow(),
            Node = run is null ? "" : node,
            IsNew = isNew,
        };
    }
}
