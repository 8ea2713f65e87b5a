using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Adds messages of the log to a history, and calls an observer for each of them once, in order.</summary>
/// <param name="observer">The observer; null for none.</param>
internal sealed class ObservedRing(RingObserver? observer)
{
    // Held during the observer's calls, because the follower and an append of this node both add messages.
    private readonly Lock _gate = new();

    /// <summary>Adds a message that this node has appended, if it directly follows the newest message.</summary>
    /// <returns>False if messages before it are missing.</returns>
    public bool TryTakeNext(ChannelHistory history, ref RingEntry entry, long sequence)
    {
        entry.Sequence = sequence;
        entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, history.Epoch, sequence);
        if (observer is null) return history.TryTakeNext(entry);
        lock (_gate)
        {
            if (sequence <= history.Newest) return true;
            if (!history.TryTakeNext(entry)) return false;
            observer.OnMessage(entry);
            return true;
        }
    }

    /// <summary>Adds the messages of a page.</summary>
    /// <param name="history">The history.</param>
    /// <param name="entries">
    /// Messages with their sequences and id lines, in rising order. The history may already have some of them.
    /// </param>
    /// <param name="lost">The last sequence that the log has evicted.</param>
    public void Take(ChannelHistory history, RingEntry[] entries, long lost)
    {
        if (entries.Length == 0 && lost <= history.Newest) return;
        if (observer is null)
        {
            history.Take(entries, lost);
            return;
        }

        lock (_gate)
        {
            var known = history.Newest;
            history.Take(entries, lost);
            if (lost > known) observer.OnGap();
            foreach (var entry in entries)
            {
                if (entry.Sequence > known) observer.OnMessage(entry);
            }
        }
    }

    /// <summary>Tells the observer that the ring has all messages that the log had at a timestamp.</summary>
    public void CaughtUp(long at)
    {
        if (observer is null) return;
        lock (_gate) observer.OnCaughtUp(at);
    }
}
