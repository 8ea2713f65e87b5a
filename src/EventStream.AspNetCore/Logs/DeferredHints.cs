namespace EventStream.AspNetCore.Logs;

/// <summary>The hints that arrive while this node appends, kept until the append returns.</summary>
/// <remarks>
/// Such a hint may be about the append itself. Its messages go into the ring when the append returns, so the node need not read them back.
/// </remarks>
internal sealed class DeferredHints
{
    private readonly Lock _gate = new();

    // Both under _gate.
    private int _appending;
    private long _hinted;

    /// <summary>Marks the begin of an append.</summary>
    public void Begin()
    {
        lock (_gate) _appending++;
    }

    /// <summary>Keeps a hint if an append is running.</summary>
    public bool TryDefer(long newest)
    {
        lock (_gate)
        {
            if (_appending > 0) _hinted = Math.Max(_hinted, newest);
            return _appending > 0;
        }
    }

    /// <summary>Marks the end of an append.</summary>
    /// <returns>The newest sequence of the kept hints; 0 if there were none.</returns>
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
