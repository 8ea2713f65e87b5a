using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Appends what is published on this node: one append at a time, and in it all that has come together while the one before it was under way. One that is held up in the log holds up the channels of which it has something, and not the others.</summary>
internal sealed class LogWriter(IEventStreamLog log, TimeProvider time, TimeSpan wait)
{
    private const int MostWriters = 2;

    // What the log refuses is looked for by halves; where it refuses everything, not for ever.
    private const int MostRefusals = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Far more than an append takes. Two at a time always would be two half as large, which is slower (`benchmarks/PostgreSqlLoad`: 21,000 a second became 19,000).
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly AppendQueue _queue = new();
    private int _writers;
    private int _heldUp;

    public Task<EventStreamPosition[]> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        append.GiveUpAt = time.GetTimestamp() + time.TimestampsIn(wait);
        append.CancelBy(cancellationToken);
        lock (_gate)
        {
            _queue.Add(append);
            BeginIfNeeded();
        }

        return append.Positions;
    }

    // Under _gate.
    private void BeginIfNeeded()
    {
        if (!_queue.IsReady || _writers > _heldUp || _writers == MostWriters) return;
        _writers++;
        AppTask.Run(WriteAllAsync);
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            var writing = WriteAsync(batch, new Refusals(MostRefusals));
            await ((Task)writing).WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isHeldUp = !writing.IsCompleted;
            if (isHeldUp) HoldUp();
            var again = await writing;
            if (!GoesOn(batch, again, isHeldUp)) return;

            // Those who have just got their answer publish again before the next batch is taken, or two halves of them would
            // take turns, each waiting for the other's commit (`benchmarks/PostgreSqlLoad`).
            if (again.Count == 0) await Task.Yield();
            else await Task.Delay(Pause, time);
        }
    }

    /// <summary>Takes a batch; if it is empty, there is one writer less.</summary>
    private List<PendingAppend> Take()
    {
        lock (_gate)
        {
            var batch = _queue.Take();
            if (batch.Count == 0) _writers--;
            return batch;
        }
    }

    private void HoldUp()
    {
        lock (_gate)
        {
            _heldUp++;
            BeginIfNeeded();
        }
    }

    /// <summary>Frees the channels of a batch. False, and there is one writer less, if another has taken over meanwhile, and is not held up itself.</summary>
    private bool GoesOn(List<PendingAppend> batch, IReadOnlyList<PendingAppend> again, bool wasHeldUp)
    {
        lock (_gate)
        {
            _queue.Arrived(batch, again);
            if (!wasHeldUp) return true;
            _heldUp--;
            if (_writers - 1 == _heldUp) return true;
            _writers--;
            return false;
        }
    }

    /// <summary>Appends a batch, and returns those of it that are to be tried again.</summary>
    private async Task<IReadOnlyList<PendingAppend>> WriteAsync(List<PendingAppend> batch, Refusals refusals)
    {
        EventStreamLogRecord[] records = [.. batch.SelectMany(append => append.Records)];
        IReadOnlyList<EventStreamPosition> positions;
        try
        {
            positions = await log.AppendAsync(records, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return await FailAsync(batch, exception, refusals);
        }

        if (positions.Count != records.Length)
        {
            // They may be in the log, so they are not appended again.
            var fault = new InvalidOperationException($"The log has answered {records.Length} records with {positions.Count} positions. IEventStreamLog.AppendAsync returns one for each.");
            foreach (var append in batch) append.Fail(fault);
            return [];
        }

        var at = 0;
        foreach (var append in batch)
        {
            var own = new EventStreamPosition[append.Records.Length];
            for (var i = 0; i < own.Length; i++) own[i] = positions[at++];
            Succeed(append, own);
        }

        return [];
    }

    private static void Succeed(PendingAppend append, EventStreamPosition[] positions)
    {
        try
        {
            append.Succeed(positions);
        }
        catch (Exception exception)
        {
            // Whatever it is, the others are not to wait for their answers for ever.
            append.Fail(exception);
        }
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

        // One that the log refuses must not take the others with it. What follows those that are to be tried again is tried after them.
        var half = batch.Count / 2;
        var first = await WriteAsync(batch[..half], refusals);
        return first.Count == 0 ? await WriteAsync(batch[half..], refusals) : [.. first, .. batch[half..]];
    }

    private sealed class Refusals(int most)
    {
        public int Count { get; set; }

        public bool AreTooMany => Count >= most;
    }
}
