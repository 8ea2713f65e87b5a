using System.Collections.Concurrent;
using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Runs;

/// <summary>The runs of other nodes that this node takes over when their node dies or stops.</summary>
/// <param name="log">The log.</param>
/// <param name="takeOver">Takes over a run, and starts its producer. True: another node owns the run, which is running.</param>
internal sealed class RunStandbys(BoundedRunLog log, Func<RunRequest, Task<bool>> takeOver)
{
    private readonly ConcurrentDictionary<string, RunRequest> _requests = new(StringComparer.Ordinal);

    /// <summary>Keeps a request, whose producer continues the run, until the run is over.</summary>
    public void Add(RunRequest request) => _requests.TryAdd(request.Channel, request);

    public void Clear() => _requests.Clear();

    /// <summary>Takes over the runs whose leases are over, and drops the requests of those that have ended.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_requests.IsEmpty) return;
        var runs = (await log.ReadRunsAsync([.. _requests.Keys], cancellationToken)).ToLookup(run => run.Channel, StringComparer.Ordinal);
        foreach (var channel in _requests.Keys)
        {
            var run = runs[channel].FirstOrDefault();
            if (run is not { State: EventStreamRunState.Running, TakesOver: true }) _requests.TryRemove(channel, out _);
            else if (run is { IsLeaseOver: true, IsStopRequested: false }) await TakeOverAsync(channel);
        }
    }

    /// <summary>Takes over a run whose owner has died, or has given its lease up.</summary>
    public async Task TakeOverAsync(string channel)
    {
        if (!_requests.TryRemove(channel, out var request)) return;
        var isKept = true;
        try
        {
            isKept = await takeOver(request);
        }
        finally
        {
            // Also if the log is unavailable.
            if (isKept) Add(request);
        }
    }
}
