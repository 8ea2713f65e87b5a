namespace EventStream.AspNetCore.Timing;

/// <summary>One timer for all open streams of an app: a hashed wheel of entries, in ticks of 100 ms.</summary>
/// <remarks>
/// An entry is linked into the slot of its due tick, and costs nothing until then. A due time that moves often, such as that of a
/// keep-alive, is not rescheduled at each write. The entry is called at the old time, finds that something was written, and returns a new
/// time. The timer runs only while there are entries.
/// </remarks>
internal sealed class Clock(TimeProvider time)
{
    private const int SlotCount = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();

    // The last slot is for entries that are never due, so that CallAll finds them.
    private readonly ClockEntry?[] _slots = new ClockEntry?[SlotCount + 1];
    private readonly List<ClockEntry> _due = [];
    private readonly long _origin = time.GetTimestamp();
    private ITimer? _timer;
    private long _now = 1;
    private int _count;
    private int _advancing;

    // How often all entries were called, under _gate; see Schedule.
    private int _round;

    /// <summary>The current tick. It costs as much as reading a field, and stops while there are no entries.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Converts a span to ticks, at least one.</summary>
    public static long Ticks(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span / Tick));

    /// <summary>Gets the first tick at which <paramref name="span"/> has passed; at most one tick late.</summary>
    public long TickAfter(TimeSpan span) => 1 + (long)Math.Ceiling((time.GetElapsedTime(_origin) + span) / Tick);

    /// <summary>Adds ticks to a tick; <see cref="ClockEntry.Never"/> if either is never.</summary>
    public static long After(long tick, long ticks) =>
        tick == ClockEntry.Never || ticks == ClockEntry.Never ? ClockEntry.Never : tick + ticks;

    /// <summary>Adds an entry, and calls it at the next tick.</summary>
    public void Add(ClockEntry entry)
    {
        lock (_gate)
        {
            if (_count++ == 0)
            {
                _now = Elapsed();
                _timer ??= AppTimer.Create(time, static clock => ((Clock)clock!).Advance(), this, Timeout.InfiniteTimeSpan);
                _timer.Change(Tick, Tick);
            }

            Link(entry, _now + 1);
        }
    }

    /// <summary>Schedules the call of an entry at <paramref name="due"/>, unless it is already scheduled sooner.</summary>
    public void Schedule(ClockEntry entry, long due)
    {
        if (Volatile.Read(ref entry.Due) <= due && entry.IsLinked) return;
        Schedule(entry, due, round: null);
    }

    /// <summary>Schedules an entry that was called in <paramref name="round"/>; null, if the clock did not call it.</summary>
    /// <remarks>
    /// While an entry is called, <see cref="CallAll"/> does not find it. The entry may not have seen yet why all are called, so it is due
    /// at the next tick.
    /// </remarks>
    private void Schedule(ClockEntry entry, long due, int? round)
    {
        lock (_gate)
        {
            if (round is not null && round != _round) due = _now + 1;
            if (entry.IsRemoved || (entry.IsLinked && entry.Due <= due)) return;
            Unlink(entry);
            Link(entry, due);
        }
    }

    /// <summary>Removes an entry. A call that has already begun may still run.</summary>
    public void Remove(ClockEntry entry)
    {
        lock (_gate)
        {
            Unlink(entry);
            entry.IsRemoved = true;
            if (--_count == 0) _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Calls all entries now. An entry that is being called meanwhile is called again at the next tick.</summary>
    public void CallAll()
    {
        List<ClockEntry> entries = [];
        int round;
        lock (_gate)
        {
            round = ++_round;
            foreach (var head in _slots)
            {
                for (var entry = head; entry is not null; entry = entry.Next) entries.Add(entry);
            }

            entries.ForEach(Unlink);
        }

        foreach (var entry in entries) Schedule(entry, entry.OnTick(Now), round);
    }

    private void Advance()
    {
        // If a call takes longer than a tick, the timer's next call returns here. The call after it finds all entries that are due.
        if (Interlocked.Exchange(ref _advancing, 1) != 0) return;
        try
        {
            int round;
            lock (_gate)
            {
                round = _round;
                CollectDue(Elapsed());
            }

            foreach (var entry in _due) Schedule(entry, entry.OnTick(Now), round);
            _due.Clear();
        }
        finally
        {
            Volatile.Write(ref _advancing, 0);
        }
    }

    private void CollectDue(long until)
    {
        var first = Math.Max(_now + 1, until - SlotCount + 1);
        Volatile.Write(ref _now, Math.Max(_now, until));
        for (var tick = first; tick <= until; tick++)
        {
            for (var entry = _slots[tick % SlotCount]; entry is not null;)
            {
                var next = entry.Next;
                if (entry.Due <= until)
                {
                    Unlink(entry);
                    _due.Add(entry);
                }

                entry = next;
            }
        }
    }

    private static long SlotOf(long due) => due == ClockEntry.Never ? SlotCount : due % SlotCount;

    private long Elapsed() => 1 + (long)(time.GetElapsedTime(_origin) / Tick);

    private void Link(ClockEntry entry, long due)
    {
        due = Math.Max(due, _now + 1);
        Volatile.Write(ref entry.Due, due);
        ref var head = ref _slots[SlotOf(due)];
        entry.Next = head;
        if (head is not null) head.Previous = entry;
        head = entry;
        entry.IsLinked = true;
    }

    private void Unlink(ClockEntry entry)
    {
        if (entry.IsLinked)
        {
            if (entry.Previous is { } previous) previous.Next = entry.Next;
            else _slots[SlotOf(entry.Due)] = entry.Next;
            if (entry.Next is { } next) next.Previous = entry.Previous;
        }

        entry.Next = entry.Previous = null;
        entry.IsLinked = false;
        Volatile.Write(ref entry.Due, ClockEntry.Never);
    }
}
