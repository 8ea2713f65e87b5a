namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers that wait for a channel to be loaded. One stays in it until its stream ends, so that there is no moment at which it is nowhere.</summary>
internal sealed class OpeningList
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly HashSet<OpeningCursor> _cursors = [];

    public void Add(OpeningCursor cursor)
    {
        lock (_gate) _cursors.Add(cursor);
    }

    public void Remove(OpeningCursor cursor)
    {
        lock (_gate) _cursors.Remove(cursor);
    }

    /// <summary>Ends the streams of some.</summary>
    public void Disconnect(Func<string?, bool> users)
    {
        OpeningCursor[] cursors;
        lock (_gate) cursors = [.. _cursors.Where(cursor => users(cursor.User))];
        foreach (var cursor in cursors) cursor.Disconnect();
    }
}
