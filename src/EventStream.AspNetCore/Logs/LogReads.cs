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

    /// <summary>Reads some pages. A page that the log refuses to read must not keep the others from theirs.</summary>
    private async Task ReadAsync(List<Wanted> batch)
    {
        var bisection = new Bisection();
        for (var at = 0; at < batch.Count;)
        {
            var part = batch.GetRange(at, bisection.Next(batch.Count - at));
            try
            {
                var pages = await log.ReadAsync([.. part.Select(wanted => wanted.Request)], stopping);
                for (var i = 0; i < part.Count; i++) part[i].Page.TrySetResult(pages[i]);
                bisection.Accept(part.Count);
            }
            catch (EventStreamLogException exception) when (!exception.IsTransient && !exception.RejectsAll)
            {
                if (!bisection.Reject(part.Count)) continue;
                _ = FailOrAddLaterAsync(part, exception);
            }
            catch (Exception exception)
            {
                await FailOrAddLaterAsync(batch[at..], exception);
                return;
            }

            at += part.Count;
        }
    }

    private async Task FailOrAddLaterAsync(List<Wanted> batch, Exception exception)
    {
        var failed = batch.Where(wanted => !wanted.IsPatient || stopping.IsCancellationRequested);
        foreach (var wanted in failed) wanted.Page.TrySetException(exception);
        if (stopping.IsCancellationRequested) return;
        await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Add(batch.Where(wanted => wanted.IsPatient));
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
