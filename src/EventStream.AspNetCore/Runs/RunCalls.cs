using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Runs;

/// <summary>Makes calls about runs whose failure has no consequence but time: a lease that is over has the same effect later.</summary>
internal sealed class RunCalls(NodeLog node, StreamHost host, CancellationToken stopping)
{
    /// <summary>Tells the other nodes something about a run.</summary>
    public Task TellAsync(string eventName, string run) =>
        TryAsync(() => node.Presence.TellAsync(eventName, run, stopping));

    /// <summary>Makes a call, and logs its failure.</summary>
    public async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception exception)
        {
            if (!stopping.IsCancellationRequested) Log.RunsNotWatched(host.Logger, exception);
        }
    }
}
