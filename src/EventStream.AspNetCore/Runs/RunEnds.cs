using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Runs;

/// <summary>The end of a run whose producer this node has called: it is stored in the log, or given up to another node.</summary>
internal sealed class RunEnds(
    BoundedRunLog log, RunLeases leases, RunStandbys standbys, NodeLog node, StreamHost host, CancellationToken stopping)
{
    /// <summary>How long this node tries to store the end of a run. Later the others have ended it, because its lease is over.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Ends a run, after its last append.</summary>
    public async Task EndAsync(RunRequest request, RunLease lease, RunOutcome outcome)
    {
        var takesOver = request.Options.TakeOver;
        switch (outcome.End)
        {
            case RunEndReason.HandedOver:
                await leases.GiveUpAsync(lease);
                break;
            case RunEndReason.Lost:
                Log.RunLost(host.Logger, request.Channel);
                break;
            case RunEndReason.LeaseOver:
                Log.RunLeaseOver(host.Logger, request.Channel, RunLeases.Lease);
                if (!takesOver) await StoreAsync(request.Channel, lease, outcome);
                break;
            default:
                await StoreAsync(request.Channel, lease, outcome);
                break;
        }

        leases.Remove(lease);
        if (outcome.End == RunEndReason.LeaseOver && takesOver) standbys.Add(request);
    }

    /// <summary>Stores the end, and tries that again while the log is unavailable.</summary>
    private async Task StoreAsync(string channel, RunLease lease, RunOutcome outcome)
    {
        var (began, token, state) = (host.Time.GetTimestamp(), lease.Token, outcome.State);
        while (true)
        {
            try
            {
                var run = await log.EndRunAsync(channel, token, state, outcome.AreReadersTold, stopping);
                if (run is { State: EventStreamRunState.Running, Token: { } other } && other != token && lease.Tokens.Contains(other))
                {
                    // A claim of this node whose answer was lost, or is not there yet.
                    token = other;
                    continue;
                }

                if (run?.Token != token || run.State != state) Log.RunLost(host.Logger, channel);
                break;
            }
            catch (EventStreamLogException exception) when (exception.IsTemporary && MayTryAgain(began))
            {
                await Task.Delay(Pause, host.Time, host.Drain.Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception)
            {
                Log.RunEndNotStored(host.Logger, exception, channel, state);
                break;
            }
        }

        // So that the subscribers of this node do not depend on a hint.
        if (node.Channels.Find(channel) is LogBacking { HasBegun: true } backing) node.Follower.Follow(backing);
    }

    private bool MayTryAgain(long began) => !host.Drain.Over.IsCancellationRequested && host.Time.GetElapsedTime(began) < EndLimit;
}
