using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers that wait for a channel to be loaded, and the signals of their loops.</summary>
/// <remarks>A subscriber stays in it until its stream ends, so that a revocation finds it at any moment.</remarks>
internal sealed class OpeningList
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<OpeningCursor, StreamSignal> _signals = [];

    public void Add(OpeningCursor cursor, StreamSignal signal)
    {
        lock (_gate) _signals.Add(cursor, signal);
    }

    public void Remove(OpeningCursor cursor)
    {
        lock (_gate) _signals.Remove(cursor);
    }

    /// <summary>Has a subscriber polled, after the caller has made a change visible to it.</summary>
    /// <remarks>A subscriber that is added later sees the change, because it is polled after it was added under the same lock.</remarks>
    public void Wake(OpeningCursor cursor)
    {
        StreamSignal? signal;
        lock (_gate) _signals.TryGetValue(cursor, out signal);
        signal?.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Ends the streams that a revocation selects.</summary>
    public void End(Revocation revocation)
    {
        // Looked at outside of the lock, because a principal is the app's code.
        OpeningCursor[] cursors;
        lock (_gate) cursors = [.. _signals.Keys];
        foreach (var cursor in cursors)
        {
            if (revocation.Selects(cursor.Stream)) cursor.End(revocation.EndReason);
        }
    }
}
