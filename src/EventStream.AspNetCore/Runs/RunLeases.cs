using System.Collections.Concurrent;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Runs;

/// <summary>Renews the leases of the runs that this node owns.</summary>
/// <remarks>
/// <para>1. Every <see cref="RenewAfter"/>, one call renews all leases. It also returns which runs must stop.</para>
/// <para>2. A token that is missing in the result holds no run any more: its producer is stopped.</para>
/// <para>
/// 3. A lease that was not renewed for <see cref="SafeFor"/> counts as over, by this node's own clock. Its producer is stopped before
/// another node may claim the run. The fence of the log holds in any case.
/// </para>
/// </remarks>
internal sealed class RunLeases(BoundedRunLog log, StreamHost host, CancellationToken stopping)
{
    /// <summary>How long a claim or a renewal holds a run.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(2);

    // Shorter than the lease by the interval in which it is looked at.
    private static readonly TimeSpan SafeFor = Lease - Interval;

    private readonly ConcurrentDictionary<string, LeasedRun> _runs = new(StringComparer.Ordinal);
    private volatile Task _renewing = Task.CompletedTask;
    private ITimer? _timer;

    private TimeProvider Time => host.Time;

    /// <summary>The runs that this node owns.</summary>
    public IEnumerable<LeasedRun> All => _runs.Values;

    public void Start() => _timer = AppTimer.Create(Time, static leases => ((RunLeases)leases!).Tick(), this, Interval);

    public void Stop() => _timer?.Dispose();

    public void Add(LeasedRun run) => _runs[run.Token] = run;

    public LeasedRun? Find(string token) => _runs.GetValueOrDefault(token);

    public void Remove(string token) => _runs.TryRemove(token, out _);

    /// <summary>Gives a lease up, so that another node can claim the run at once.</summary>
    public async Task GiveUpAsync(string token)
    {
        Remove(token);

        // A renewal that is running could otherwise renew the lease after this.
        await _renewing;
        await log.RenewRunsAsync([token], TimeSpan.Zero, stopping);
    }

    // The timer's callbacks may overlap; then both find the same leases over, which does no harm.
    private void Tick()
    {
        var mustRenew = false;
        foreach (var run in _runs.Values)
        {
            var age = Time.GetElapsedTime(run.RenewedAt);
            mustRenew |= age >= RenewAfter;
            if (age >= SafeFor) run.Run.Stop(RunEnd.LeaseOver);
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
        var runs = _runs.Values.ToArray();
        var began = Time.GetTimestamp();
        try
        {
            var held = (await log.RenewRunsAsync(Array.ConvertAll(runs, run => run.Token), Lease, stopping)).ToLookup(run => run.Token);
            foreach (var run in runs)
            {
                if (held[run.Token].FirstOrDefault() is not { } state) run.Run.Stop(RunEnd.Lost);
                else if (state.IsStopRequested) run.Run.Stop(RunEnd.Stopped);
                else run.RenewedAt = began;
            }
        }
        catch (Exception exception)
        {
            Log.RunsNotRenewed(host.Logger, exception, runs.Length);
        }
    }
}
