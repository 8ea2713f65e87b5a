using EventStream.AspNetCore.Delivery;

namespace EventStream.AspNetCore.Timing;

/// <summary>One timer for all open streams of an app: a hashed wheel of entries, in ticks of 100 ms.</summary>
/// <remarks>
/// <para>
/// An entry is linked into the slot of its due tick, and costs nothing until then. A due time that moves often, such as that of a
/// keep-alive, is not rescheduled at each write. The entry is called at the old time, finds that something was written, and returns a new
/// time.
/// </para>
/// <para>
/// The clock sleeps until an entry is due. While it sleeps it does not count ticks, so the first reader of <see cref="Now"/> wakes it: it
/// reads the time, and counts one tick. So there are ten ticks a second while streams write, and none between the keep-alives of silent
/// streams.
/// </para>
/// </remarks>
internal sealed class Clock
{
    private const int SlotCount = 256;
    private const long TicksInStep = 10;
    private const long Asleep = 0;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // The last slot is for entries that are never due, so that CallAll finds them.
    private readonly ClockEntry?[] _slots = new ClockEntry?[SlotCount + 1];
    private readonly List<ClockEntry> _due = [];

    // Written under _gate.
    private long _now = Asleep;

    // All under _gate: the last tick whose entries were collected, the tick for which the timer is set, and whether entries are called.
    private long _collected = 1;
    private long _timerDue = ClockEntry.Never;
    private bool _isAdvancing;

    // How often all entries were called, under _gate; see Schedule.
    private int _round;

    public Clock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _timer = AppTimer.Create(time, static clock => ((Clock)clock!).Advance(), this, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The current tick. It costs as much as reading a field, except for the first reader while the clock sleeps.</summary>
    public long Now => Volatile.Read(ref _now) is not Asleep and var now ? now : Wake();

    /// <summary>Converts a span to ticks, at least one.</summary>
    public static long Ticks(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span / Tick));

    /// <summary>Gets the first tick at which <paramref name="span"/> has passed; at most one tick late.</summary>
    public long TickAfter(TimeSpan span) => 1 + (long)Math.Ceiling((_time.GetElapsedTime(_origin) + span) / Tick);

    /// <summary>Adds ticks to a tick; <see cref="ClockEntry.Never"/> if either is never.</summary>
    public static long After(long tick, long ticks) =>
        tick == ClockEntry.Never || ticks == ClockEntry.Never ? ClockEntry.Never : tick + ticks;

    /// <summary>Rounds a tick down to a step that many entries share.</summary>
    /// <remarks>A step is a second, or <paramref name="most"/> ticks if that is less.</remarks>
    public static long StepBefore(long tick, long most) =>
        tick == ClockEntry.Never ? tick : tick - (tick % Math.Clamp(most, 1, TicksInStep));

    /// <summary>Adds an entry, and calls it at the next tick.</summary>
    public void Add(ClockEntry entry)
    {
        lock (_gate) Link(entry, Now + 1);
    }

    /// <summary>Schedules the call of an entry at <paramref name="due"/>, unless it is already scheduled sooner.</summary>
    /// <remarks>
    /// <para>The entry may be called at the same time. So that no call is missed:</para>
    /// <list type="number">
    /// <item>The caller has written what the call must see, such as the tick since which a write waits.</item>
    /// <item>A barrier, and only then this reads when the entry is due.</item>
    /// <item>The clock takes the entry out, so that it is not due.</item>
    /// <item>A barrier, and only then the call reads what was written.</item>
    /// </list>
    /// <para>
    /// If this still reads the old time, 2 was before 3, and so 1 was before 4. Then the call sees what was written, and returns the right
    /// time. Without the barriers, both could read the old, and a write that stalls would be seen one keep-alive late.
    /// </para>
    /// </remarks>
    public void Schedule(ClockEntry entry, long due)
    {
        Interlocked.MemoryBarrier();
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
            if (round is not null && round != _round) due = Now + 1;
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

        Interlocked.MemoryBarrier();
        foreach (var entry in entries) Schedule(entry, entry.OnTick(Now), round);
    }

    /// <summary>Begins to count ticks: the current one, until the timer's next call.</summary>
    private long Wake()
    {
        lock (_gate)
        {
            if (_now != Asleep) return _now;
            var now = Elapsed();
            SetTimer(now + 1);
            Volatile.Write(ref _now, now);
            return now;
        }
    }

    private void Advance()
    {
        int round;
        lock (_gate)
        {
            // The call that runs sets the timer when it ends.
            if (_isAdvancing) return;
            _isAdvancing = true;
            round = _round;
            var now = Elapsed();
            Volatile.Write(ref _now, now);
            CollectDue(now);
        }

        Interlocked.MemoryBarrier();
        SendBatch.OpenScope();
        try
        {
            foreach (var entry in _due) Schedule(entry, entry.OnTick(Now), round);
        }
        finally
        {
            SendBatch.CloseScope();
            Sleep();
        }
    }

    private void Sleep()
    {
        lock (_gate)
        {
            _due.Clear();
            _isAdvancing = false;
            Volatile.Write(ref _now, Asleep);
            _timerDue = ClockEntry.Never;
            SetTimer(NextDue());
        }
    }

    /// <summary>Gets the next tick at which an entry is due; never if none is due again.</summary>
    /// <remarks>At most one round of the wheel ahead, because the wheel knows no order beyond that.</remarks>
    private long NextDue()
    {
        var next = ClockEntry.Never;
        var last = _collected + SlotCount;
        for (var tick = _collected + 1; tick <= last; tick++)
        {
            for (var entry = _slots[tick % SlotCount]; entry is not null; entry = entry.Next)
            {
                if (entry.Due == tick) return tick;
                next = last;
            }
        }

        return next;
    }

    /// <summary>Lets the timer call at a tick, or before.</summary>
    private void SetTimer(long tick)
    {
        // While entries are called, this is left to Sleep.
        if (_isAdvancing || tick >= _timerDue) return;
        _timerDue = tick;
        var wait = Math.Ceiling(((Tick * (tick - 1)) - _time.GetElapsedTime(_origin)).TotalMilliseconds);

        // In whole milliseconds, because a timer drops the rest, and would call too early. At most one round of the wheel, because a timer
        // has a longest time.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, (SlotCount * Tick).TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void CollectDue(long until)
    {
        var first = Math.Max(_collected + 1, until - SlotCount + 1);
        _collected = Math.Max(_collected, until);
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

    private long Elapsed() => 1 + (long)(_time.GetElapsedTime(_origin) / Tick);

    private void Link(ClockEntry entry, long due)
    {
        due = Math.Max(due, _collected + 1);
        Volatile.Write(ref entry.Due, due);
        ref var head = ref _slots[SlotOf(due)];
        entry.Next = head;
        if (head is not null) head.Previous = entry;
        head = entry;
        entry.IsLinked = true;
        SetTimer(due);
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
