using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Appends the messages that are published on this node to the log, in batches.</summary>
/// <remarks>
/// One append runs at a time. The messages that are published meanwhile form the next one. A blocked append delays only the channels it
/// contains: after <see cref="BlockedAfter"/>, a second writer appends the others.
/// </remarks>
/// <param name="log">The log, whose calls end in bounded time.</param>
/// <param name="time">The clock.</param>
/// <param name="wait">How long a publish waits while the log is unavailable.</param>
/// <param name="stopping">Cancelled when the host has drained. From then on nothing is tried again.</param>
internal sealed class LogWriter(IEventStreamLog log, TimeProvider time, TimeSpan wait, CancellationToken stopping)
{
    private const int MostWriters = 2;

    /// <summary>How often the parts of a bisected batch are tried before it is the other channels' turn.</summary>
    private const int MostTries = 32;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Far more than an append takes. If two appends always ran at a time, each would be half as large. That is slower
    // (`benchmarks/PostgreSqlLoad`: 19,000 messages a second instead of 21,000).
    private static readonly TimeSpan BlockedAfter = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();

    // All under _gate; _blocked is the number of writers whose append is blocked.
    private readonly AppendQueue _queue = new();
    private int _writers;
    private int _blocked;

    /// <summary>Queues an append, and waits for its result.</summary>
    /// <remarks>It waits up to <see cref="ForeignCall.Moment"/> after the publisher has cancelled, or after its wait has ended.</remarks>
    /// <exception cref="OperationCanceledException">
    /// The publisher has cancelled. If there is an inner <see cref="EventStreamLogException"/>, the messages may still be published.
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

        // With a wait of zero, a publish waits as long as one call of the log may take.
        var limit = wait > TimeSpan.Zero ? wait : Timeout.InfiniteTimeSpan;
        if (await append.Positions.ReturnsAsync(time, limit, ForeignCall.Moment, cancellationToken)) return await append.Positions;
        throw append.Abandon();
    }

    // Under _gate.
    private void BeginIfNeeded()
    {
        if (!_queue.IsReady || _writers > _blocked || _writers == MostWriters) return;
        _writers++;
        AppTask.Run(WriteAllAsync);
    }

    private async Task WriteAllAsync()
    {
        var bisection = new Bisection();
        while (Take() is { Count: > 0 } batch)
        {
            var writing = WriteAsync(batch, bisection);
            await ((Task)writing).WaitAsync(BlockedAfter, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isBlocked = !writing.IsCompleted;
            if (isBlocked) MarkBlocked();
            var left = await writing;
            if (!Continues(batch, left.Appends, isBlocked)) return;

            // Publishers that just got their result may publish again before the next batch is taken. Otherwise they would split into two
            // groups that take turns, and each would wait for the other's commit (`benchmarks/PostgreSqlLoad`).
            if (left.IsUnavailable) await Task.Delay(Pause, time);
            else await Task.Yield();
        }
    }

    /// <summary>Takes a batch from the queue. If it is empty, the caller is no writer any more, and must return.</summary>
    private List<PendingAppend> Take()
    {
        lock (_gate)
        {
            var batch = _queue.Take();
            if (batch.Count == 0) _writers--;
            return batch;
        }
    }

    private void MarkBlocked()
    {
        lock (_gate)
        {
            _blocked++;
            BeginIfNeeded();
        }
    }

    /// <summary>Releases the channels of a batch.</summary>
    /// <returns>
    /// Whether the writer takes another batch. False if its append was blocked, and another writer has taken over that is not blocked. Then
    /// the caller is no writer any more, and must return.
    /// </returns>
    private bool Continues(List<PendingAppend> batch, IReadOnlyList<PendingAppend> again, bool wasBlocked)
    {
        lock (_gate)
        {
            _queue.Ended(batch, again);
            if (!wasBlocked) return true;
            _blocked--;
            if (_writers - 1 == _blocked) return true;
            _writers--;
            return false;
        }
    }

    /// <summary>Appends a batch without the appends that the log rejects, and returns those to take again later.</summary>
    private async Task<Remainder> WriteAsync(List<PendingAppend> batch, Bisection bisection)
    {
        var tries = 0;
        for (var at = 0; at < batch.Count;)
        {
            // Each rejected append costs a try. After MostTries, the other channels have their turn, so that they are not delayed.
            if (tries++ == MostTries) return GiveBack([], batch[at..]);
            var part = batch.GetRange(at, bisection.Next(batch.Count - at));
            try
            {
                await AppendAsync(part);
                bisection.Accept(part.Count);
            }
            catch (EventStreamLogException exception) when (exception.IsTemporary)
            {
                // The appends behind these were not tried. They stay behind those that are tried again, to keep the order.
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
            // The log may have appended them, so they are not appended again.
            Fail(batch, new InvalidOperationException(
                $"The log returned {positions.Count} positions for {records.Length} records. "
                + "IEventStreamLog.AppendAsync must return one position for each record."));
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
            // Every other append of the batch must still get its result, because its publisher waits for it.
            append.Fail(exception);
        }
    }

    private static void Fail(List<PendingAppend> batch, Exception exception)
    {
        foreach (var append in batch) append.Fail(exception);
    }

    /// <summary>Fails the appends whose time is up, or that a second try could duplicate, and returns the others.</summary>
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

    /// <summary>The appends of a batch that are taken again.</summary>
    /// <param name="Appends">The appends, in their order.</param>
    /// <param name="IsUnavailable">Whether the log is unavailable, so that the writer pauses first.</param>
    private readonly record struct Remainder(List<PendingAppend> Appends, bool IsUnavailable);
}
