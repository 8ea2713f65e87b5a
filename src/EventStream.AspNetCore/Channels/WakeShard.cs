using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>Some of a channel's waiting subscribers, woken one after the other by one work item.</summary>
/// <remarks>
/// <para>
/// A thousand subscribers are woken by as many work items as there are shards. While a shard runs, a publish only marks it to run again.
/// Subscribers that wait again then take all new messages at once.
/// </para>
/// <para>The wake protocol, of which every part is here:</para>
/// <list type="number">
/// <item>A poll of a subscriber finds nothing. The subscriber first sets the fields that say whether it waits for messages, a lease, or
/// work. Then its loop links it into its shard, with the loop's signal.</item>
/// <item>A full barrier. The loop checks for news again. If there is any, it polls once more, and the subscriber stays linked.</item>
/// <item>A thread makes news visible: a message or the end in the ring, a renewed lease, a completed task.</item>
/// <item>A full barrier. Then that thread queues each of the channel's shards that has a subscriber.</item>
/// <item>A shard takes all of its subscribers, and checks each for news. If there is any, the shard frees the subscriber, and sets its
/// signal; the loop continues inside that call. If not, the shard links it again, and does step 2 in place of the loop.</item>
/// <item>To wake a single subscriber, because it is interrupted or its work is done, a thread takes its signal under the shard's lock. The
/// reason is visible before that.</item>
/// </list>
/// <para>
/// By the barriers, step 2 sees the news of step 3, or step 4 sees the linked subscriber. By the lock, the later one of steps 1 and 6 sees
/// the other. A subscriber may be linked while its loop continues for another reason, such as another channel of its stream. So linking a
/// linked subscriber changes nothing. Linking one that a shard has taken changes nothing either: its pointers belong to the shard, which
/// checks it after that. A signal that is set without need costs one poll.
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

    /// <summary>Wakes all subscribers of some shards, after a change was made visible: step 4.</summary>
    /// <param name="shards">
    /// The shards of a channel. By reference, because this method must read them after its barrier, and shards are added.
    /// </param>
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

        // Not inline, because the caller may be the app's code, or may have many subscribers to wake.
        signal?.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Links a subscriber: step 1, and the barrier of step 2. The caller checks for news next.</summary>
    public void Link(Subscriber subscriber, StreamSignal signal)
    {
        lock (_gate)
        {
            subscriber.Signal = signal;
            if (subscriber.Wait == WaitState.Free) Push(subscriber);
        }

        Interlocked.MemoryBarrier();
    }

    /// <summary>Removes a subscriber for good. A concurrent wake does not find its signal any more.</summary>
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
        SendBatch.OpenScope();
        try
        {
            ResumeAll();
        }
        finally
        {
            SendBatch.CloseScope();
        }

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
            // Read before its loop continues, because the loop may link it again.
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

    /// <summary>Frees a subscriber that was taken, and returns the signal to set; null if it has left.</summary>
    private StreamSignal? LetGo(Subscriber subscriber)
    {
        lock (_gate)
        {
            subscriber.PreviousWaiter = subscriber.NextWaiter = null;
            if (subscriber.Wait == WaitState.Taken) subscriber.Wait = WaitState.Free;
            return subscriber.Signal;
        }
    }

    /// <summary>Links a taken subscriber again, and returns the signal to set; null if it has no news, or has left.</summary>
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
