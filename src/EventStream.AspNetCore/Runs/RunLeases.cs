using System.Collections.Concurrent;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Runs;

/// <summary>Renews the leases of the runs that this node owns.</summary>
/// <remarks>
/// <para>1. Every <see cref="RenewAfter"/>, one call renews all leases. It also returns which runs must stop.</para>
/// <para>
/// 2. A run of which no token is in the result is lost: its producer is stopped. It is not lost if its token was replaced meanwhile.
/// </para>
/// <para>
/// 3. A lease that was not renewed for <see cref="SafeFor"/> counts as over, by this node's own clock. Its producer is stopped before
/// another node may claim the run. The fence of the log holds in any case.
/// </para>
/// </remarks>
internal sealed class RunLeases(BoundedRunLog log, RunCalls calls, StreamHost host, CancellationToken stopping)
{
    /// <summary>How long a claim or a renewal holds a run.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(2);

    // Shorter than the lease by the interval in which it is looked at.
    private static readonly TimeSpan SafeFor = Lease - Interval;

    private readonly ConcurrentDictionary<RunLease, OwnedRun> _runs = [];
    private volatile Task _renewing = Task.CompletedTask;
    private ITimer? _timer;

    private TimeProvider Time => host.Time;

    /// <summary>The runs that this node owns.</summary>
    public IEnumerable<OwnedRun> All => _runs.Values;

    public void Start() => _timer = AppTimer.Create(Time, static leases => ((RunLeases)leases!).Tick(), this, Interval);

    public void Stop() => _timer?.Dispose();

    public void Add(RunLease lease, OwnedRun run) => _runs[lease] = run;

    /// <summary>Finds the run that a token holds, or may hold; null if this node does not own it.</summary>
    public OwnedRun? Find(string token) => _runs.FirstOrDefault(each => each.Key.Tokens.Contains(token)).Value;

    public void Remove(RunLease lease) => _runs.TryRemove(lease, out _);

    /// <summary>Ends a run on this node, unless it ends already.</summary>
    public void Stop(RunLease lease, RunEndReason reason) => _runs.GetValueOrDefault(lease)?.Stop(reason);

    /// <summary>Stops a run whose lease counts as over.</summary>
    /// <returns>Whether its lease counts as over.</returns>
    public bool StopIfOver(RunLease lease)
    {
        if (Time.GetElapsedTime(lease.RenewedAt) < SafeFor) return false;
        Stop(lease, RunEndReason.LeaseOver);
        return true;
    }

    /// <summary>Gives a lease up, and tells the other nodes, so that one of them takes the run over at once.</summary>
    /// <remarks>A claim that is answered later renews the lease, so its caller must call this again.</remarks>
    public async Task GiveUpAsync(RunLease lease)
    {
        lease.IsGivenUp = true;
        Remove(lease);

        // A renewal that is running could otherwise renew the lease after this.
        await _renewing;
        await calls.TryAsync(async () =>
        {
            await log.RenewRunsAsync(lease.Tokens, TimeSpan.Zero, stopping);
            await calls.TellAsync(NodeMessage.RunGivenUp, lease.Channel);
        });
    }

    // The timer's callbacks may overlap; then both find the same leases over, which does no harm.
    private void Tick()
    {
        var mustRenew = false;
        foreach (var lease in _runs.Keys)
        {
            mustRenew |= Time.GetElapsedTime(lease.RenewedAt) >= RenewAfter;
            StopIfOver(lease);
        }

        if (!mustRenew || !_renewing.IsCompleted) return;
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _renewing = renewed.Task;
        AppTask.Run(async () =>
        {
            await RenewAsync();
            renewed.SetResult();
        });
    }

    private async Task RenewAsync()
    {
        var runs = _runs.Select(each => (Lease: each.Key, Run: each.Value, each.Key.Tokens)).ToArray();
        var began = Time.GetTimestamp();
        try
        {
            string[] all = [.. runs.SelectMany(run => run.Tokens)];
            var renewed = (await log.RenewRunsAsync(all, Lease, stopping)).ToLookup(run => run.Token);
            foreach (var (lease, run, tokens) in runs)
            {
                if (tokens.SelectMany(token => renewed[token]).FirstOrDefault() is { } held)
                {
                    lease.RenewedAt = began;
                    if (held.IsStopRequested) run.Stop(RunEndReason.Stopped);
                }
                else if (ReferenceEquals(lease.Tokens, tokens))
                {
                    run.Stop(RunEndReason.Lost);
                }
            }
        }
        catch (Exception exception)
        {
            Log.RunsNotRenewed(host.Logger, exception, runs.Length);
        }
    }
}
