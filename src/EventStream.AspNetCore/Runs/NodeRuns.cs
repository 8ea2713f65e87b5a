using System.Collections.Concurrent;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Runs;

/// <summary>The runs whose producers are called on this node.</summary>
internal sealed class NodeRuns(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<OwnedRun, Task> _running = [];
    private readonly ConcurrentDictionary<UnreadRun, bool> _unread = [];
    private readonly Lock _gate = new();
    private ITimer? _timer;

    public IEnumerable<OwnedRun> Running => _running.Keys;

    /// <summary>Starts a run without the execution context of the request, which ends before the run does.</summary>
    public void Begin(OwnedRun run)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[run] = over.Task;
        var unread = run.Options.StopWhenUnread is { } limit ? Watch(run, limit) : null;
        AppTask.Run(async () =>
        {
            try
            {
                await run.RunAsync();
            }
            finally
            {
                if (unread is not null) _unread.TryRemove(unread, out _);
                _running.TryRemove(run, out _);
                over.SetResult();
            }
        });
    }

    /// <summary>Completes when all runs of this moment have ended.</summary>
    public Task AreOverAsync() => Task.WhenAll(_running.Values);

    public void Dispose() => _timer?.Dispose();

    private UnreadRun Watch(OwnedRun run, TimeSpan limit)
    {
        UnreadRun unread = new(run, limit, time);
        _unread[unread] = true;
        lock (_gate) _timer ??= AppTimer.Create(time, static runs => ((NodeRuns)runs!).Tick(), this, Interval);
        return unread;
    }

    private void Tick()
    {
        foreach (var unread in _unread.Keys) unread.Check();
    }
}
