using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Batches reads of single pages: one read of the log at a time, with one page of each channel.</summary>
/// <remarks>
/// So a mass reconnect costs the log as much as one subscriber. The other subscribers wait, and their streams send keep-alives meanwhile.
/// </remarks>
internal sealed class LogReads(IEventStreamLog log, TimeProvider time, CancellationToken stopping)
{
    private const int MostRequests = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Both under _gate.
    private readonly LinkedList<PendingRead> _pending = [];
    private bool _isReading;

    /// <summary>Reads a page.</summary>
    /// <param name="request">The page to read.</param>
    /// <param name="waitsForLog">Whether to wait while the log is unavailable, instead of rethrowing its exception.</param>
    public Task<EventStreamLogPage> ReadAsync(EventStreamLogRequest request, bool waitsForLog)
    {
        var read = new PendingRead(request, waitsForLog);
        Add([read]);
        return read.Page.Task;
    }

    private void Add(IEnumerable<PendingRead> reads)
    {
        lock (_gate)
        {
            foreach (var read in reads) _pending.AddLast(read);
            if (_isReading) return;
            _isReading = true;
        }

        AppTask.Run(ReadAllAsync);
    }

    private async Task ReadAllAsync()
    {
        while (Take() is { Count: > 0 } batch) await ReadAsync(batch);
    }

    /// <summary>Reads pages together. If the log rejects a read, it is bisected, so that one page does not block the others.</summary>
    private async Task ReadAsync(List<PendingRead> batch)
    {
        var bisection = new Bisection();
        for (var at = 0; at < batch.Count;)
        {
            var part = batch.GetRange(at, bisection.Next(batch.Count - at));
            try
            {
                var pages = await log.ReadAsync([.. part.Select(read => read.Request)], stopping);
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

    private async Task FailOrAddLaterAsync(List<PendingRead> batch, Exception exception)
    {
        var failed = batch.Where(read => !read.WaitsForLog || stopping.IsCancellationRequested);
        foreach (var read in failed) read.Page.TrySetException(exception);
        if (stopping.IsCancellationRequested) return;
        await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Add(batch.Where(read => read.WaitsForLog));
    }

    private List<PendingRead> Take()
    {
        List<PendingRead> batch = [];
        HashSet<string> channels = [];
        lock (_gate)
        {
            for (var node = _pending.First; node is not null && batch.Count < MostRequests;)
            {
                var next = node.Next;
                if (channels.Add(node.Value.Request.Channel))
                {
                    batch.Add(node.Value);
                    _pending.Remove(node);
                }

                node = next;
            }

            _isReading = batch.Count > 0;
        }

        return batch;
    }

    private sealed record PendingRead(EventStreamLogRequest Request, bool WaitsForLog)
    {
        public TaskCompletionSource<EventStreamLogPage> Page { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
