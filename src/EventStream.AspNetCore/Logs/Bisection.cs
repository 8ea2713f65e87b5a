namespace EventStream.AspNetCore.Logs;

/// <summary>How many items to try at a time, so that rejected items are found and all others go through, in order.</summary>
/// <remarks>
/// A rejection cuts the size in two, until an item is rejected alone: that one is found, and only that one. Each success doubles the size.
/// Where <c>r</c> of <c>n</c> items are rejected, that takes at most about <c>2·r·log₂ n</c> extra tries, and never more than
/// about <c>1.6·n</c>. Where all are rejected, it takes <c>n + log₂ n</c>. For one caller at a time.
/// </remarks>
internal sealed class Bisection
{
    // Twice as many is an int.
    private const int Largest = 1 << 20;

    private int _size = Largest;

    // How many of the next items have a rejected one among them; 0: not known.
    private int _suspects;

    /// <summary>How many of the next items to try together.</summary>
    /// <param name="count">How many items there are, at least 1.</param>
    public int Next(int count) => Math.Min(count, _size);

    /// <summary>Takes note that the next items went through. The next try begins behind them.</summary>
    public void Accept(int count)
    {
        _suspects = Math.Max(0, _suspects - count);
        _size = _suspects > 0 ? Math.Max(1, _suspects / 2) : Math.Min(Largest, _size * 2);
    }

    /// <summary>Takes note that the next items were rejected together.</summary>
    /// <returns>True: it was one item, which is found; the next try begins behind it. False: the next begins at the same place.</returns>
    public bool Reject(int count)
    {
        (_suspects, _size) = count == 1 ? (0, 1) : (count, count / 2);
        return count == 1;
    }

    /// <summary>Tries as many as possible again: what went wrong had nothing to do with the items.</summary>
    public void Reset() => (_suspects, _size) = (0, Largest);
}
