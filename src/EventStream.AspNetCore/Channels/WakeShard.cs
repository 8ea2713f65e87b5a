using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>Some of a channel's waiting subscribers, all woken by one work item on one thread, one after the other.</summary>
/// <remarks>
/// <para>
/// A thousand subscribers are woken by as many work items as there are shards. While a shard runs, a publish only notes that there is
/// more. Subscribers that were served and wait again then take all of it at once.
/// </para>
/// <para>The wake protocol. No other place has a part of it:</para>
/// <list type="number">
/// <item>A subscriber is polled, and finds nothing. It says first what it waits for: messages, a lease, or work that is under way. Then its
/// loop links it into its shard, with the loop's signal.</item>
/// <item>A full barrier. The loop looks again. If there is something, it is polled once more, and stays linked.</item>
/// <item>What a subscriber may wait for is made visible: a message or the end in the ring, a renewed lease, a completed task.</item>
/// <item>A full barrier. Then the channel's shards are looked at, and those that have a subscriber are run.</item>
/// <item>A shard takes all of its subscribers. It looks whether each one has news. If so, the shard lets go of it, and sets its signal;
/// the loop goes on in that call. If not, the shard links it again, and does step 2 in the loop's place.</item>
/// <item>A single subscriber is woken under the shard's lock, which hands over its signal: because it is interrupted, or its work is done.
/// What it is woken for is visible before that.</item>
/// </list>
/// <para>
/// Of steps 2 and 4, one sees what the other did. Of steps 1 and 6, the later one does: both take the lock. A subscriber may be linked
/// while its loop goes on for another reason, such as another channel of its stream. So linking a linked subscriber changes nothing. Nor
/// does linking one that a shard has taken: its pointers are the shard's, and the shard looks at it after that. A signal that is set
/// without need costs a poll.
/// </para>
/// </remarks>
internal sealed class WakeShard : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Again = 2;

    private readonly Lock _gate = new();

    // Under _gate; read without it in step 4.
    private Subscriber? _head;
    private int _state;

    /// <summary>Wakes all subscribers of some shards for which something was made visible: step 4.</summary>
    /// <param name="shards">The shards of a channel. Read by this method after its barrier, because shards are added.</param>
    public static void WakeAll(ref WakeShard[] shards)
    {
        Interlocked.MemoryBarrier();
        foreach (var shard in Volatile.Read(ref shards)) shard.WakeAll();
    }

    /// <summary>Wakes one subscriber: step 6.</summary>
    public void Wake(Subscriber subscriber)
    {
        StreamSignal? signal;
        lock (_gate) signal = subscriber.Signal;

        // Not in this call: the caller may be an app's code, or may have many to wake.
        signal?.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Has a subscriber woken once it has news: step 1 and the barrier of step 2. The caller looks next.</summary>
    public void Link(Subscriber subscriber, StreamSignal signal)
    {
        lock (_gate)
        {
            subscriber.Signal = signal;
            if (subscriber.Wait == WaitState.Free) Push(subscriber);
        }

        Interlocked.MemoryBarrier();
    }

    /// <summary>Lets go of a subscriber for good. A wake that is under way does not find its signal any more.</summary>
    public void Leave(Subscriber subscriber)
    {
        lock (_gate)
        {
            if (subscriber.Wait == WaitState.Linked) Unlink(subscriber);
            subscriber.Wait = WaitState.Left;
            subscriber.Signal = null;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _state, Running);
        ResumeAll();
        if (Interlocked.CompareExchange(ref _state, Idle, Running) != Running) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void WakeAll()
    {
        if (Volatile.Read(ref _head) is null) return;
        if (Interlocked.Exchange(ref _state, Again) == Idle) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // Step 5.
    private void ResumeAll()
    {
        for (var subscriber = TakeAll(); subscriber is not null;)
        {
            // Read before it goes on, because it may then be linked again.
            var next = subscriber.NextWaiter;
            (subscriber.HasNews ? LetGo(subscriber) : LinkAgain(subscriber))?.Set(StreamWake.Source);
            subscriber = next;
        }
    }

    private Subscriber? TakeAll()
    {
        lock (_gate)
        {
            var first = _head;
            for (var subscriber = first; subscriber is not null; subscriber = subscriber.NextWaiter) subscriber.Wait = WaitState.Taken;
            _head = null;
            return first;
        }
    }

    /// <summary>Lets go of a subscriber that was taken, and returns the signal to set; null if it has left.</summary>
    private StreamSignal? LetGo(Subscriber subscriber)
    {
        lock (_gate)
        {
            subscriber.PreviousWaiter = subscriber.NextWaiter = null;
            if (subscriber.Wait == WaitState.Taken) subscriber.Wait = WaitState.Free;
            return subscriber.Signal;
        }
    }

    /// <summary>Links a subscriber that was taken again, and returns the signal to set; null if it has no news, or has left.</summary>
    private StreamSignal? LinkAgain(Subscriber subscriber)
    {
        StreamSignal? signal;
        lock (_gate)
        {
            signal = subscriber.Signal;
            subscriber.PreviousWaiter = subscriber.NextWaiter = null;
            if (subscriber.Wait == WaitState.Taken) Push(subscriber);
        }

        Interlocked.MemoryBarrier();
        return subscriber.HasNews ? signal : null;
    }

    // Under _gate.
    private void Push(Subscriber subscriber)
    {
        subscriber.PreviousWaiter = null;
        subscriber.NextWaiter = _head;
        if (_head is not null) _head.PreviousWaiter = subscriber;
        subscriber.Wait = WaitState.Linked;
        Volatile.Write(ref _head, subscriber);
    }

    // Under _gate.
    private void Unlink(Subscriber subscriber)
    {
        if (subscriber.PreviousWaiter is { } previous) previous.NextWaiter = subscriber.NextWaiter;
        else _head = subscriber.NextWaiter;
        if (subscriber.NextWaiter is { } next) next.PreviousWaiter = subscriber.PreviousWaiter;
        subscriber.PreviousWaiter = subscriber.NextWaiter = null;
    }
}
