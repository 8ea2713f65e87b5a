using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Reads of single pages, gathered: one read of the log at a time, with one page a channel, however many wait.</summary>
/// <remarks>So a mass reconnect costs the log what one reader costs it, and the others wait, with their keep-alives.</remarks>
internal sealed class LogReads(IEventStreamLog log, TimeProvider time, CancellationToken stopping)
{
    private const int MostRequests = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Both under _gate.
    private readonly LinkedList<Wanted> _wanted = [];
    private bool _isReading;

    /// <summary>Reads a page.</summary>
    /// <param name="request">Of which channel, and after what.</param>
    /// <param name="isPatient">Whether to wait for a log that is away, instead of throwing what it throws.</param>
    public Task<EventStreamLogPage> ReadAsync(EventStreamLogRequest request, bool isPatient)
    {
        var wanted = new Wanted(request, isPatient);
        Add([wanted]);
        return wanted.Page.Task;
    }

    private void Add(IEnumerable<Wanted> wanted)
    {
        lock (_gate)
        {
            foreach (var one in wanted) _wanted.AddLast(one);
            if (_isReading) return;
            _isReading = true;
        }

        AppTask.Run(ReadAllAsync);
    }

    private async Task ReadAllAsync()
    {
        while (Take() is { Count: > 0 } batch) await ReadAsync(batch);
    }

    private async Task ReadAsync(IReadOnlyList<Wanted> batch)
    {
        try
        {
            var pages = await log.ReadAsync([.. batch.Select(wanted => wanted.Request)], stopping);
            for (var i = 0; i < batch.Count; i++) batch[i].Page.TrySetResult(pages[i]);
        }
        catch (Exception exception)
        {
            var isRefused = exception is EventStreamLogException { IsTransient: false };
            if (isRefused && batch.Count > 1)
            {
                // One that the log refuses must not keep the others from theirs.
                foreach (var wanted in batch) await ReadAsync([wanted]);
                return;
            }

            foreach (var wanted in batch.Where(wanted => !wanted.IsPatient || stopping.IsCancellationRequested)) wanted.Page.TrySetException(exception);
            if (stopping.IsCancellationRequested) return;
            var again = AddLaterAsync(batch.Where(wanted => wanted.IsPatient));
            if (!isRefused) await again;
        }
    }

    private async Task AddLaterAsync(IEnumerable<Wanted> wanted)
    {
        await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Add(wanted);
    }

    private List<Wanted> Take()
    {
        List<Wanted> batch = [];
        HashSet<string> channels = [];
        lock (_gate)
        {
            for (var node = _wanted.First; node is not null && batch.Count < MostRequests;)
            {
                var next = node.Next;
                if (channels.Add(node.Value.Request.Channel))
                {
                    batch.Add(node.Value);
                    _wanted.Remove(node);
                }

                node = next;
            }

            _isReading = batch.Count > 0;
        }

        return batch;
    }

    private sealed record Wanted(EventStreamLogRequest Request, bool IsPatient)
    {
        public TaskCompletionSource<EventStreamLogPage> Page { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
