using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log in memory that the apps of a test share, as nodes share a database.</summary>
/// <remarks>
/// It is written from the documentation of <see cref="IEventStreamLog"/> alone. A test can make it unavailable and available again.
/// </remarks>
internal sealed class SharedLog : IEventStreamLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, History> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly List<Channel<EventStreamLogHint>> _followers = [];
    private int _readsNow;
    private int _waiting;
    private int _hintsUnderWay;
    private int _refusals;

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
            Dictionary<(string Channel, RepeatKey Key), EventStreamPosition?> before = [];
            for (var i = 0; i < positions.Length; i++)
            {
                var record = records[i];
                if (RepeatKey.Of(record) is { } key && before.TryGetValue((record.Channel, key), out var known))
                {
                    positions[i] = known is { } first
                        ? new EventStreamPosition(HistoryOf(record.Channel).Epoch, first.Sequence - RepeatKey.Behind(record))
                        : null;
                    continue;
                }

                positions[i] = HistoryOf(record.Channel).Append(record, Time.GetUtcNow());
                if (RepeatKey.Of(record) is { } own && RepeatKey.Behind(record) == 0) before[(record.Channel, own)] = positions[i];
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

    private EventStreamLogPage Read(EventStreamLogRequest request) =>
        HistoryOf(request.Channel, create: false)?.Read(request) ?? new() { Origin = "" };

    private string OriginOf(string channel) =>
        _origins.TryGetValue(channel, out var origin) ? origin : _origins[channel] = NewOrigin(channel);

    private void ThrowIfLengthsDiffer(IReadOnlyList<EventStreamLogRecord> records)
    {
        Dictionary<(string Channel, string Key), int> lengths = [];
        foreach (var record in records)
        {
            if (record.Part is not { } part) continue;
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

    private History HistoryOf(string channel) => HistoryOf(channel, create: true)!;

    private History? HistoryOf(string channel, bool create)
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

    /// <summary>By what a repetition is known: lists have a space of their own.</summary>
    private readonly record struct RepeatKey(string Key, bool IsList)
    {
        public static RepeatKey? Of(EventStreamLogRecord record) =>
            record.Metadata?.IdempotencyKey is { } key ? new(key, record.Part is not null) : null;

        /// <summary>How many records of its list come after this one.</summary>
        public static int Behind(EventStreamLogRecord record) => record.Part is { } part ? part.Length - part.Number : 0;
    }

    /// <summary>One channel.</summary>
    private sealed class History(string epoch)
    {
        private readonly List<(EventStreamStoredRecord Entry, RepeatKey? Key, int Length)> _entries = [];
        private long _newest;
        private long _beforeOldest;
        private bool _isComplete;

        public string Epoch => epoch;

        public EventStreamPosition? Append(EventStreamLogRecord record, DateTimeOffset now)
        {
            if (record.IsEnd)
            {
                _isComplete = true;
                return new EventStreamPosition(epoch, _newest);
            }

            var metadata = record.Metadata;
            var key = RepeatKey.Of(record);
            if (key is not null && _entries.Find(entry => entry.Key == key) is { Key: not null } known)
            {
                return new EventStreamPosition(epoch, known.Entry.Sequence - RepeatKey.Behind(record));
            }

            if (_isComplete) return null;
            if (record.Replaces)
            {
                _entries.RemoveAll(entry => entry.Entry.Metadata is { } other && other.Key == metadata!.Key && other.User == metadata.User);
            }

            if (metadata is not null) metadata = metadata with { IdempotencyKey = null };
            var entry = new EventStreamStoredRecord(++_newest, record.Frame.ToArray(), record.Event, metadata, now);
            _entries.Add((entry, RepeatKey.Behind(record) == 0 ? key : null, record.Part?.Length ?? 1));
            return new EventStreamPosition(epoch, _newest);
        }

        /// <summary>The length of the list with a key; null if none is retained.</summary>
        public int? LengthOf(string list) =>
            _entries.Find(entry => entry.Key == new RepeatKey(list, true)) is { Key: not null } known ? known.Length : null;

        public EventStreamLogPage Read(EventStreamLogRequest request)
        {
            List<EventStreamStoredRecord> page = [];
            var bytes = 0;
            foreach (var (entry, _, _) in _entries.Where(entry => entry.Entry.Sequence > request.After))
            {
                bytes += entry.Frame.Length;
                if (page.Count == request.MaxCount || (page.Count > 0 && bytes > request.MaxBytes)) break;
                page.Add(entry);
            }

            return new()
            {
                Origin = "",
                Epoch = epoch,
                Newest = _newest,
                BeforeOldest = _beforeOldest,
                IsComplete = _isComplete,
                Records = page,
            };
        }

        public void Retain(int count)
        {
            if (_entries.Count > count) Drop(_entries[^(count + 1)].Entry.Sequence);
        }

        public void DropOlderThan(DateTimeOffset time)
        {
            if (_entries.FindLast(entry => entry.Entry.PublishedAt < time) is { Entry.Sequence: > 0 and var newest }) Drop(newest);
        }

        public void Drop(long through)
        {
            _beforeOldest = through;
            _entries.RemoveAll(entry => entry.Entry.Sequence <= through);
        }

        public void Empty() => _entries.Clear();

        public void SetBack(int count)
        {
            _entries.RemoveRange(_entries.Count - count, count);
            _newest -= count;
        }

        public History Under(string other)
        {
            var history = new History(other) { _newest = _newest, _beforeOldest = _beforeOldest, _isComplete = _isComplete };
            history._entries.AddRange(_entries);
            return history;
        }
    }
}
