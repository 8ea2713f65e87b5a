using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log in memory that the apps of a test share, as nodes share a database.</summary>
/// <remarks>
/// It is written from the documentation of <see cref="IEventStreamRunLog"/> alone. A test can make it unavailable and available again.
/// </remarks>
internal sealed class SharedLog : IEventStreamRunLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SharedHistory> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly List<Channel<EventStreamLogHint>> _followers = [];
    private int _readsNow;
    private int _waiting;
    private int _hintsUnderWay;
    private int _refusals;
    private int _renewals;

    /// <summary>The log's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many messages of a channel are kept, and for how long: null is no limit.</summary>
    public Func<string, (int? Count, TimeSpan? Age)> Retention { get; init; } = _ => default;

    /// <summary>What a channel that is made gets for an epoch.</summary>
    public Func<string, string> NewEpoch { get; set; } = EventStreamPosition.NewEpoch;

    /// <summary>What a channel that does not exist gets for an origin.</summary>
    public Func<string, string> NewOrigin { get; set; } = EventStreamPosition.NewEpoch;

    /// <summary>The exception that every call throws; null if the log is available.</summary>
    public EventStreamLogException? Unavailable { get; set; }

    /// <summary>What the next append throws after it has appended.</summary>
    public EventStreamLogException? LostAnswer { get; set; }

    /// <summary>Refuses to read a channel.</summary>
    public Func<EventStreamLogRequest, bool> RefusesToRead { get; set; } = _ => false;

    /// <summary>How many reads were refused.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <summary>What the answer to a read waits for when the pages are read.</summary>
    public Func<IReadOnlyList<EventStreamLogRequest>, CancellationToken, Task> Answering { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What becomes of the answer to an append.</summary>
    public Func<EventStreamPosition?[], EventStreamPosition?[]> Answer { get; set; } = positions => positions;

    /// <summary>Refuses a record.</summary>
    public Func<EventStreamLogRecord, bool> Refuses { get; set; } = _ => false;

    /// <summary>What an append waits for.</summary>
    public Func<IReadOnlyList<EventStreamLogRecord>, Task> Gate { get; set; } = _ => Task.CompletedTask;

    /// <summary>How many appends wait for that, or have not failed yet because the log is unavailable.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether hints are lost.</summary>
    public bool IsMute { get; set; }

    /// <summary>Whether all followers have made of all hints what they make of them.</summary>
    public bool IsHeard => Volatile.Read(ref _hintsUnderWay) == 0;

    /// <summary>The sizes of the appends so far.</summary>
    public ConcurrentQueue<int> Appends { get; } = [];

    /// <summary>The reads so far: their requests.</summary>
    public ConcurrentQueue<IReadOnlyList<EventStreamLogRequest>> Reads { get; } = [];

    /// <summary>The most reads of one channel's pages at once.</summary>
    public int MostReadsAtOnce { get; private set; }

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Interlocked.Increment(ref _waiting);
        try
        {
            await Gate(records);
            ThrowIfUnavailable();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        Interlocked.Increment(ref _hintsUnderWay);
        try
        {
            return Commit(records);
        }
        finally
        {
            Interlocked.Decrement(ref _hintsUnderWay);
        }
    }

    /// <summary>Appends, and gives out the hints: until both are done, <see cref="IsHeard"/> is false.</summary>
    private EventStreamPosition?[] Commit(IReadOnlyList<EventStreamLogRecord> records)
    {
        var positions = new EventStreamPosition?[records.Count];
        lock (_gate)
        {
            if (records.FirstOrDefault(Refuses) is { } refused)
            {
                throw new EventStreamLogException($"The record of '{refused.Channel}' is refused.");
            }

            ThrowIfLengthsDiffer(records);
            Appends.Enqueue(records.Count);
            Dictionary<(string Channel, SharedRepeatKey Key), EventStreamPosition?> before = [];
            for (var i = 0; i < positions.Length; i++)
            {
                var record = records[i];
                if (IsFenced(record)) continue;
                if (SharedRepeatKey.Of(record) is { } key && before.TryGetValue((record.Channel, key), out var known))
                {
                    positions[i] = known is { } first
                        ? new EventStreamPosition(HistoryOf(record.Channel).Epoch, first.Sequence - SharedRepeatKey.Behind(record))
                        : null;
                    continue;
                }

                positions[i] = HistoryOf(record.Channel).Append(record, Time.GetUtcNow());
                if (SharedRepeatKey.Of(record) is not { } own || SharedRepeatKey.Behind(record) > 0) continue;
                before[(record.Channel, own)] = positions[i];
            }
        }

        foreach (var (record, position) in records.Zip(positions)) Hint(
            record.IsEnd ? new(record.Channel) : new(record.Channel, position?.Sequence ?? 0));
        if (LostAnswer is not { } lost) return Answer(positions);
        LostAnswer = null;
        throw lost;
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        if (requests.Any(RefusesToRead)) Interlocked.Increment(ref _refusals);
        if (requests.Where(RefusesToRead).Select(request => request.Channel).FirstOrDefault() is { } refused)
        {
            throw new EventStreamLogException($"'{refused}' is not to be read.");
        }

        lock (_gate)
        {
            Reads.Enqueue(requests);
            MostReadsAtOnce = Math.Max(MostReadsAtOnce, ++_readsNow);
        }

        await Task.Yield();
        EventStreamLogPage[] pages;
        lock (_gate)
        {
            _readsNow--;
            pages = [.. requests.Select(request => Read(request) with { Origin = OriginOf(request.Channel) })];
        }

        await Answering(requests, cancellationToken);
        return pages;
    }

    public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfUnavailable();
        var hints = Channel.CreateUnbounded<EventStreamLogHint>();
        lock (_gate) _followers.Add(hints);
        try
        {
            yield return new(null);
            await foreach (var hint in hints.Reader.ReadAllAsync(cancellationToken))
            {
                try
                {
                    yield return hint;
                }
                finally
                {
                    Interlocked.Decrement(ref _hintsUnderWay);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(hints);
                Interlocked.Add(ref _hintsUnderWay, -hints.Reader.Count);
            }
        }
    }

    public async ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        lock (_gate)
        {
            var now = Time.GetUtcNow();
            var history = HistoryOf(claim.Channel, create: false);
            if (history is null || !FindsRun(claim, history, now))
            {
                if (history?.IsComplete is true) Forget(claim.Channel);
                history = HistoryOf(claim.Channel);
                history.Run = new(claim, now);
                Hint(new(claim.Channel));
            }

            return history.ShowRun(claim.Channel, now);
        }
    }

    public async ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        return FindRuns((name, run, now) =>
        {
            if (name != claim.Channel) return false;
            if (run.IsHeldBy(claim.Token)) run.Renew(claim.Lease, now);
            else if (claim.Replaces is { } replaced && run.IsHeldBy(replaced)) run.TakeOver(claim, now);
            else if (run.IsLeaseOver(now) && run.TakesOver && !run.IsStopRequested) run.TakeOver(claim, now);
            return true;
        }).SingleOrDefault();
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        var runs = FindRuns((_, run, now) =>
        {
            if (!tokens.Any(run.IsHeldBy)) return false;
            run.Renew(lease, now);
            return true;
        });
        Interlocked.Increment(ref _renewals);
        return runs;
    }

    public async ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken)
    {
        if (state is EventStreamRunState.Running) throw new ArgumentOutOfRangeException(nameof(state), state, "It is not an end.");
        await Task.Yield();
        ThrowIfUnavailable();
        return FindRuns((name, run, now) =>
        {
            if (name != channel) return false;
            if (run.IsHeldBy(token)) EndRun(channel, state, now, areReadersTold);
            return true;
        }).SingleOrDefault();
    }

    public async ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        return FindRuns((name, run, now) =>
        {
            if (name != channel) return false;
            if (epoch is not null && epoch != HistoryOf(name).Epoch) return true;
            run.RequestStop();
            if (run.IsLeaseOver(now)) EndRun(channel, EventStreamRunState.Stopped, now);
            return true;
        }).SingleOrDefault();
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        return FindRuns((name, run, _) => channels?.Contains(name) ?? run.State is EventStreamRunState.Running);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(
        TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ThrowIfUnavailable();
        return FindRuns((name, run, now) =>
        {
            if (!run.IsLeaseOver(now, since: run.TakesOver && !run.IsStopRequested ? patience : TimeSpan.Zero)) return false;
            EndAbandoned(name, run, now);
            return true;
        });
    }

    /// <summary>Gives the hint without a channel, as a log does now and then.</summary>
    public void Poll() => Send(new(null));

    /// <summary>Begins a new history of a channel, as after a restored backup.</summary>
    public void Restart(string channel)
    {
        lock (_gate)
        {
            _origins.Remove(channel);
            var history = _channels[channel];
            var epoch = history.Epoch;
            _channels[channel] = history.Under(epoch[..3] + (epoch.EndsWith("zzzzzz", StringComparison.Ordinal) ? "yyyyyy" : "zzzzzz"));
        }

        Poll();
    }

    /// <summary>Takes the newest messages back, as a disk that was set back does: the log cannot know.</summary>
    public void SetBack(string channel, int count)
    {
        lock (_gate) _channels[channel].SetBack(count);
        Poll();
    }

    /// <summary>Drops what is older than the last few messages.</summary>
    public void Retain(string channel, int count)
    {
        lock (_gate) _channels[channel].Retain(count);
    }

    /// <summary>Drops what is up to a sequence.</summary>
    public void Drop(string channel, long through)
    {
        lock (_gate) _channels[channel].Drop(through);
    }

    /// <summary>Drops a channel with all it has, as retention does long after its end. No hint says so.</summary>
    public void Forget(string channel)
    {
        lock (_gate)
        {
            _channels.Remove(channel);
            _origins.Remove(channel);
        }
    }

    /// <summary>Deletes all messages and nothing else, as an operator does who empties a table.</summary>
    public void Empty(string channel)
    {
        lock (_gate) _channels[channel].Empty();
        Poll();
    }

    /// <summary>How many calls have renewed leases.</summary>
    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>The run of a channel; null if there is none.</summary>
    public EventStreamLogRun? RunOf(string channel) =>
        FindRuns((name, _, _) => name == channel) is [var run] ? run : null;

    /// <summary>The data of a channel's messages.</summary>
    public string[] Read(string channel)
    {
        lock (_gate)
        {
            var page = Read(new EventStreamLogRequest(channel, 0, int.MaxValue, int.MaxValue));
            return [.. page.Records.Select(record => System.Text.Encoding.UTF8.GetString(record.Frame.Span)[6..].TrimEnd('\n'))];
        }
    }

    public bool Has(string channel)
    {
        lock (_gate) return _channels.ContainsKey(channel);
    }

    /// <summary>The names of the channels there are.</summary>
    public string[] Channels
    {
        get
        {
            lock (_gate) return [.. _channels.Keys];
        }
    }

    /// <summary>Whether a claim gets the run there is, perhaps by taking it over, and begins none.</summary>
    private bool FindsRun(EventStreamRunClaim claim, SharedHistory history, DateTimeOffset now)
    {
        if (history.Run is { } run)
        {
            if (run.IsHeldBy(claim.Token)) run.Renew(claim.Lease, now);
            if (run.IsLeaseOver(now) && !run.IsHeldBy(claim.Token))
            {
                if (run.TakesOver && claim.TakesOver && !run.IsStopRequested) run.TakeOver(claim, now);
                else EndAbandoned(claim.Channel, run, now);
            }

            if (run.State is EventStreamRunState.Running) return true;
            if (run.State is EventStreamRunState.Failed) return false;
        }

        return history.IsComplete && !claim.Restarts;
    }

    /// <summary>Does something with each run, and returns those that it returns true for, as they are then.</summary>
    private EventStreamLogRun[] FindRuns(Func<string, SharedRun, DateTimeOffset, bool> isIt)
    {
        lock (_gate)
        {
            var now = Time.GetUtcNow();
            return
            [
                .. _channels
                    .Where(each => each.Value.Run is { } run && isIt(each.Key, run, now))
                    .Select(each => each.Value.ShowRun(each.Key, now)),
            ];
        }
    }

    private void EndAbandoned(string channel, SharedRun run, DateTimeOffset now) =>
        EndRun(channel, run.IsStopRequested ? EventStreamRunState.Stopped : EventStreamRunState.Failed, now);

    private void EndRun(string channel, EventStreamRunState state, DateTimeOffset now, bool areReadersTold = false)
    {
        var history = HistoryOf(channel);
        history.Run!.End(state, now, areReadersTold);
        history.Complete(now);
        Hint(new(channel));
    }

    /// <summary>Whether a record has the token of a run that it does not hold.</summary>
    private bool IsFenced(EventStreamLogRecord record) =>
        record.RunToken is { } token && HistoryOf(record.Channel, create: false)?.Run?.IsHeldBy(token) is not true;

    private EventStreamLogPage Read(EventStreamLogRequest request) =>
        HistoryOf(request.Channel, create: false)?.Read(request) ?? new() { Origin = "" };

    private string OriginOf(string channel) =>
        _origins.TryGetValue(channel, out var origin) ? origin : _origins[channel] = NewOrigin(channel);

    private void ThrowIfLengthsDiffer(IReadOnlyList<EventStreamLogRecord> records)
    {
        Dictionary<(string Channel, string Key), int> lengths = [];
        foreach (var record in records)
        {
            if (record.Part is not { } part || IsFenced(record)) continue;
            var key = record.Metadata!.IdempotencyKey!;
            if (!lengths.TryGetValue((record.Channel, key), out var length))
            {
                lengths[(record.Channel, key)] = length = HistoryOf(record.Channel, create: false)?.LengthOf(key) ?? part.Length;
            }

            if (length == part.Length) continue;
            throw new InvalidOperationException(
                $"A list of {length} messages was published with the key '{key}', and this one has {part.Length}.");
        }
    }

    private void Hint(EventStreamLogHint hint)
    {
        if (!IsMute) Send(hint);
    }

    private void Send(EventStreamLogHint hint)
    {
        lock (_gate)
        {
            Interlocked.Add(ref _hintsUnderWay, _followers.Count);
            _followers.ForEach(follower => follower.Writer.TryWrite(hint));
        }
    }

    private void ThrowIfUnavailable()
    {
        if (Unavailable is not { } exception) return;
        lock (_gate)
        {
            _followers.ForEach(follower => follower.Writer.TryComplete(exception));
            _followers.Clear();
        }

        throw exception;
    }

    private SharedHistory HistoryOf(string channel) => HistoryOf(channel, create: true)!;

    private SharedHistory? HistoryOf(string channel, bool create)
    {
        if (!_channels.TryGetValue(channel, out var history))
        {
            return create ? _channels[channel] = new(NewEpoch(channel)) : null;
        }

        var (count, age) = Retention(channel);
        if (count is { } most) history.Retain(most);
        if (age is { } span) history.DropOlderThan(Time.GetUtcNow() - span);
        return history;
    }
}
