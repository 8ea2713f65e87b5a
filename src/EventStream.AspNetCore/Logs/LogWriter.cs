using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>
/// Appends what is published on this node: one append at a time, and in it all that has come together while the one before it was under
/// way. One that is held up in the log holds up the channels of which it has something, and not the others.
/// </summary>
/// <param name="log">The log, whose calls end.</param>
/// <param name="time">The clock.</param>
/// <param name="wait">How long a publish waits for a log that cannot be reached.</param>
/// <param name="stopping">Cancelled when the host begins to stop. Nothing is tried again then.</param>
internal sealed class LogWriter(IEventStreamLog log, TimeProvider time, TimeSpan wait, CancellationToken stopping)
{
    private const int MostWriters = 2;

    /// <summary>How many appends of parts of a batch come before the turn of the other channels.</summary>
    private const int MostTries = 32;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Far more than an append takes. Two at a time always would be two half as large, which is slower (`benchmarks/PostgreSqlLoad`: 21,000
    // a second became 19,000).
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly AppendQueue _queue = new();
    private int _writers;
    private int _heldUp;

    /// <summary>Publishes, and waits for the answer: up to a moment after the publisher has cancelled, or has waited long enough.</summary>
    /// <exception cref="OperationCanceledException">
    /// The publisher has cancelled. With an inner <see cref="EventStreamLogException"/> it may be published all the same.
    /// </exception>
    public async Task<EventStreamPosition?[]> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        append.GiveUpAt = time.GetTimestamp() + time.TimestampsIn(wait);
        append.CancelBy(cancellationToken);
        lock (_gate)
        {
            _queue.Add(append);
            BeginIfNeeded();
        }

        // Without a wait of its own, a publish waits as long as the call of the log may take.
        var limit = wait > TimeSpan.Zero ? wait : Timeout.InfiniteTimeSpan;
        if (await append.Positions.ReturnsAsync(time, limit, ForeignCall.Moment, cancellationToken)) return await append.Positions;
        throw append.Abandon();
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
        var bisection = new Bisection();
        while (Take() is { Count: > 0 } batch)
        {
            var writing = WriteAsync(batch, bisection);
            await ((Task)writing).WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isHeldUp = !writing.IsCompleted;
            if (isHeldUp) HoldUp();
            var left = await writing;
            if (!GoesOn(batch, left.Appends, isHeldUp)) return;

            // Those who have just got their answer publish again before the next batch is taken, or two halves of them would
            // take turns, each waiting for the other's commit (`benchmarks/PostgreSqlLoad`).
            if (left.IsUnavailable) await Task.Delay(Pause, time);
            else await Task.Yield();
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

    /// <summary>
    /// Frees the channels of a batch. False, and there is one writer less, if another has taken over meanwhile, and is not held up itself.
    /// </summary>
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

    /// <summary>Appends a batch but for the appends that the log rejects, and returns what has to wait.</summary>
    private async Task<Remainder> WriteAsync(List<PendingAppend> batch, Bisection bisection)
    {
        var tries = 0;
        for (var at = 0; at < batch.Count;)
        {
            // Rejected appends, of which each takes a try, must not delay the other channels: those go first now.
            if (tries++ == MostTries) return GiveBack([], batch[at..]);
            var part = batch.GetRange(at, bisection.Next(batch.Count - at));
            try
            {
                await AppendAsync(part);
                bisection.Accept(part.Count);
            }
            catch (EventStreamLogException exception) when (exception.IsTransient || exception.IsOutcomeUnknown)
            {
                // The appends behind these were not tried. They stay behind those that are tried again, if there are any.
                var again = FailUnlessRepeated(part, exception);
                if (again.Count == 0) bisection.Reset();
                return GiveBack(again, batch[(at + part.Count)..]);
            }
            catch (EventStreamLogException exception) when (exception.RejectsAll)
            {
                Fail(batch[at..], exception);
                break;
            }
            catch (Exception exception)
            {
                if (!bisection.Reject(part.Count)) continue;
                Fail(part, exception);
            }

            at += part.Count;
        }

        return new([], IsUnavailable: false);
    }

    private async Task AppendAsync(List<PendingAppend> batch)
    {
        EventStreamLogRecord[] records = [.. batch.SelectMany(append => append.Records)];
        var positions = await log.AppendAsync(records, stopping);
        if (positions.Count != records.Length)
        {
            // They may be in the log, so they are not appended again.
            Fail(batch, new InvalidOperationException(
                $"The log has answered {records.Length} records with {positions.Count} positions. "
                + "IEventStreamLog.AppendAsync must return one for each."));
            return;
        }

        var at = 0;
        foreach (var append in batch)
        {
            var own = new EventStreamPosition?[append.Records.Length];
            for (var i = 0; i < own.Length; i++) own[i] = positions[at++];
            Succeed(append, own);
        }
    }

    private static void Succeed(PendingAppend append, EventStreamPosition?[] positions)
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

    private static void Fail(List<PendingAppend> batch, Exception exception)
    {
        foreach (var append in batch) append.Fail(exception);
    }

    /// <summary>Fails the appends that have no time left, or could be appended twice, and returns the others.</summary>
    private List<PendingAppend> FailUnlessRepeated(List<PendingAppend> batch, EventStreamLogException exception)
    {
        var now = stopping.IsCancellationRequested ? long.MaxValue : time.GetTimestamp();
        var again = batch.FindAll(append => append.GiveUpAt > now && (!exception.IsOutcomeUnknown || append.IsRepeatable));
        Fail([.. batch.Except(again)], exception);
        again.ForEach(append => append.GiveBack(exception));
        return again;
    }

    private static Remainder GiveBack(List<PendingAppend> again, List<PendingAppend> untried)
    {
        untried.ForEach(append => append.GiveBack());
        return new([.. again, .. untried], again.Count > 0);
    }

    /// <summary>What of a batch is to be taken again.</summary>
    /// <param name="Appends">In their order.</param>
    /// <param name="IsUnavailable">Whether the log cannot be reached now, so that there is a pause first.</param>
    private readonly record struct Remainder(List<PendingAppend> Appends, bool IsUnavailable);
}
