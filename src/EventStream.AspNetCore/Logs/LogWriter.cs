using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Appends what is published on this node: one append at a time, and in it all that has come together while the one before it was under way.</summary>
internal sealed class LogWriter(IEventStreamLog log, TimeProvider time, TimeSpan wait)
{
    private const int MostRecords = 1024;
    private const long MostBytes = 1024 * 1024;

    // What the log refuses is looked for by halves; where it refuses everything, not for ever.
    private const int MostRefusals = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();

    // Both under _gate.
    private readonly LinkedList<PendingAppend> _queue = [];
    private bool _isWriting;

    public Task<EventStreamPosition[]> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        append.GiveUpAt = time.GetTimestamp() + time.TimestampsIn(wait);
        append.CancelBy(cancellationToken);
        lock (_gate)
        {
            _queue.AddLast(append);
            if (_isWriting) return append.Positions;
            _isWriting = true;
        }

        AppTask.Run(WriteAllAsync);
        return append.Positions;
    }

    private async Task WriteAllAsync()
    {
        List<PendingAppend> batch = [];
        while (Take(batch))
        {
            var again = await WriteAsync(batch, new Refusals(MostRefusals));
            batch.Clear();
            if (again.Count == 0)
            {
                // Those who have just got their answer publish again before the next batch is taken, or two halves of them would
                // take turns, each waiting for the other's commit (`benchmarks/PostgreSqlLoad`).
                await Task.Yield();
                continue;
            }

            // They are nobody's to cancel any more, because some of them may be in the log.
            await Task.Delay(Pause, time);
            batch.AddRange(again);
        }
    }

    /// <summary>Fills up a batch; false, and the writer has stopped, if there is nothing to write.</summary>
    private bool Take(List<PendingAppend> batch)
    {
        lock (_gate)
        {
            var records = batch.Sum(append => append.Records.Length);
            var bytes = batch.Sum(append => append.Bytes);
            while (_queue.First is { Value: var next } && (batch.Count == 0 || (records + next.Records.Length <= MostRecords && bytes + next.Bytes <= MostBytes)))
            {
                _queue.RemoveFirst();
                if (!next.TryTake()) continue;
                batch.Add(next);
                records += next.Records.Length;
                bytes += next.Bytes;
            }

            return _isWriting = batch.Count > 0;
        }
    }

    /// <summary>Appends a batch, and returns those of it that are to be tried again.</summary>
    private async Task<IReadOnlyList<PendingAppend>> WriteAsync(List<PendingAppend> batch, Refusals refusals)
    {
        IReadOnlyList<EventStreamPosition> positions;
        try
        {
            positions = await log.AppendAsync([.. batch.SelectMany(append => append.Records)], CancellationToken.None);
        }
        catch (Exception exception)
        {
            return await FailAsync(batch, exception, refusals);
        }

        var at = 0;
        foreach (var append in batch)
        {
            var own = new EventStreamPosition[append.Records.Length];
            for (var i = 0; i < own.Length; i++) own[i] = positions[at++];
            append.Succeed(own);
        }

        return [];
    }

    private async Task<IReadOnlyList<PendingAppend>> FailAsync(List<PendingAppend> batch, Exception exception, Refusals refusals)
    {
        var isUnknown = exception is EventStreamLogException { IsOutcomeUnknown: true };
        if (isUnknown || exception is EventStreamLogException { IsTransient: true })
        {
            var now = time.GetTimestamp();
            var again = batch.FindAll(append => append.GiveUpAt > now && (!isUnknown || append.IsRepeatable));
            foreach (var append in batch.Except(again)) append.Fail(exception);
            return again;
        }

        refusals.Count++;
        if (batch.Count == 1 || refusals.AreTooMany)
        {
            foreach (var append in batch) append.Fail(exception);
            return [];
        }

        // One that the log refuses must not take the others with it.
        var half = batch.Count / 2;
        return [.. await WriteAsync(batch[..half], refusals), .. await WriteAsync(batch[half..], refusals)];
    }

    private sealed class Refusals(int most)
    {
        public int Count { get; set; }

        public bool AreTooMany => Count >= most;
    }
}
