using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers that wait for a channel to be loaded, and the signals of their loops.</summary>
/// <remarks>One stays in it until its stream ends, so that there is no moment at which it is nowhere.</remarks>
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

    /// <summary>Has one polled for which something was made visible.</summary>
    /// <remarks>One that is not in the list yet is polled after it was added, so this and the poll take the same lock.</remarks>
    public void Wake(OpeningCursor cursor)
    {
        StreamSignal? signal;
        lock (_gate) _signals.TryGetValue(cursor, out signal);
        signal?.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Ends the streams of some.</summary>
    public void Disconnect(Func<string?, bool> users)
    {
        OpeningCursor[] cursors;
        lock (_gate) cursors = [.. _signals.Keys.Where(cursor => users(cursor.User))];
        foreach (var cursor in cursors) cursor.Disconnect();
    }
}
