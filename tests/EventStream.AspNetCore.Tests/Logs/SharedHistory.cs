namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>One channel of a <see cref="SharedLog"/>.</summary>
internal sealed class SharedHistory(string epoch)
{
    private readonly List<(EventStreamStoredRecord Entry, SharedRepeatKey? Key, int Length)> _entries = [];
    private long _beforeOldest;
    private DateTimeOffset? _completedAt;

    public string Epoch => epoch;

    public long Newest { get; private set; }

    public bool IsComplete => _completedAt is not null;

    /// <summary>Its run; null if it has none.</summary>
    public SharedRun? Run { get; set; }

    public EventStreamPosition? Append(EventStreamLogRecord record, DateTimeOffset now)
    {
        if (record.IsEnd)
        {
            Complete(now);
            return new EventStreamPosition(epoch, Newest);
        }

        var metadata = record.Metadata;
        var key = SharedRepeatKey.Of(record);
        if (key is not null && _entries.Find(entry => entry.Key == key) is { Key: not null } known)
        {
            return new EventStreamPosition(epoch, known.Entry.Sequence - SharedRepeatKey.Behind(record));
        }

        if (IsComplete) return null;
        if (record.Replaces)
        {
            _entries.RemoveAll(entry => entry.Entry.Metadata is { } other && other.Key == metadata!.Key && other.User == metadata.User);
        }

        if (metadata is not null) metadata = metadata with { IdempotencyKey = null };
        var entry = new EventStreamStoredRecord(++Newest, record.Frame.ToArray(), record.Event, metadata, now);
        _entries.Add((entry, SharedRepeatKey.Behind(record) == 0 ? key : null, record.Part?.Length ?? 1));
        return new EventStreamPosition(epoch, Newest);
    }

    /// <summary>Completes it, and its run, if that is running.</summary>
    public void Complete(DateTimeOffset now)
    {
        _completedAt ??= now;
        Run?.End(EventStreamRunState.Complete, now);
    }

    /// <summary>Its run as the log gives it out, or that a channel is complete without one.</summary>
    public EventStreamLogRun ShowRun(string channel, DateTimeOffset now) => Run?.Show(channel, this, now) ?? new()
    {
        Channel = channel,
        Epoch = epoch,
        Newest = Newest,
        State = EventStreamRunState.Complete,
        Since = _completedAt!.Value,
    };

    /// <summary>The length of the list with a key; null if none is retained.</summary>
    public int? LengthOf(string list) =>
        _entries.Find(entry => entry.Key == new SharedRepeatKey(list, true)) is { Key: not null } known ? known.Length : null;

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
            Newest = Newest,
            BeforeOldest = _beforeOldest,
            IsComplete = IsComplete,
            Run = Run?.State,
            AreReadersTold = Run is { AreReadersTold: true },
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
        Newest -= count;
    }

    public SharedHistory Under(string other)
    {
        var history = new SharedHistory(other) { Newest = Newest, _beforeOldest = _beforeOldest, _completedAt = _completedAt, Run = Run };
        history._entries.AddRange(_entries);
        return history;
    }
}
