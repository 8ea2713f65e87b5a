using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Takes messages of the log into a history, and has a listener hear each of them once, in order.</summary>
/// <param name="listener">The listener; null: nothing hears them.</param>
internal sealed class HeardRing(RingListener? listener)
{
    // Held while the listener hears a message: the follower and an append of this node both take messages in.
    private readonly Lock _telling = new();

    /// <summary>Takes in a message that this node has appended, if it is the very next.</summary>
    /// <returns>False if others are missing before it.</returns>
    public bool TryTakeNext(ChannelHistory history, ref RingEntry entry, long sequence)
    {
        entry.Sequence = sequence;
        entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, history.Epoch, sequence);
        if (listener is null) return history.TryTakeNext(entry);
        lock (_telling)
        {
            if (sequence <= history.Newest) return true;
            if (!history.TryTakeNext(entry)) return false;
            listener.Taken(entry);
            return true;
        }
    }

    /// <summary>Takes in what was read.</summary>
    /// <param name="history">The history.</param>
    /// <param name="entries">Messages with their sequences and id lines, in rising order. Some may be there already.</param>
    /// <param name="lost">The last sequence that the log has dropped.</param>
    public void Take(ChannelHistory history, RingEntry[] entries, long lost)
    {
        if (entries.Length == 0 && lost <= history.Newest) return;
        if (listener is null)
        {
            history.Take(entries, lost);
            return;
        }

        lock (_telling)
        {
            var known = history.Newest;
            history.Take(entries, lost);
            if (lost > known) listener.Missed();
            foreach (var entry in entries)
            {
                if (entry.Sequence > known) listener.Taken(entry);
            }
        }
    }

    /// <summary>Says that the ring has all that was in the log at a timestamp.</summary>
    public void CaughtUp(long at)
    {
        if (listener is null) return;
        lock (_telling) listener.CaughtUp(at);
    }
}
