namespace EventStream.AspNetCore.Logs;

/// <summary>
/// Hints that come while this node appends. They may tell of what it appends, and wait for the answer: that is taken in without reading it
/// back.
/// </summary>
internal sealed class DeferredHints
{
    private readonly Lock _gate = new();

    // Both under _gate.
    private int _appending;
    private long _hinted;

    /// <summary>An append begins.</summary>
    public void Begin()
    {
        lock (_gate) _appending++;
    }

    /// <summary>Keeps a hint, if an append is under way.</summary>
    public bool TryDefer(long newest)
    {
        lock (_gate)
        {
            if (_appending > 0) _hinted = Math.Max(_hinted, newest);
            return _appending > 0;
        }
    }

    /// <summary>An append is over.</summary>
    /// <returns>The newest sequence that was hinted at meanwhile; 0: none was.</returns>
    public long End()
    {
        lock (_gate)
        {
            _appending--;
            var hinted = _hinted;
            _hinted = 0;
            return hinted;
        }
    }
}
