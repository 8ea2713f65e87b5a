namespace EventStream.AspNetCore.Logs;

/// <summary>Decides how many items to try together, so that rejected items are found and all others succeed, in order.</summary>
/// <remarks>
/// A rejection divides the size by two, until one item is rejected alone. Then that item is the cause, and it is skipped. Each success
/// doubles the size. If <c>r</c> of <c>n</c> items are rejected, this takes at most about <c>2·r·log₂ n</c> extra tries. It never takes
/// more than about <c>1.6·n</c>, and <c>n + log₂ n</c> if all items are rejected. Not thread-safe.
/// </remarks>
internal sealed class Bisection
{
    // Its double must fit into an int.
    private const int Largest = 1 << 20;

    private int _size = Largest;

    // The number of next items that include a rejected one; 0 if unknown.
    private int _suspects;

    /// <summary>Gets how many of the next items to try together.</summary>
    /// <param name="count">The number of items left, at least 1.</param>
    public int Next(int count) => Math.Min(count, _size);

    /// <summary>Records that the next items succeeded. The next try begins behind them.</summary>
    public void Accept(int count)
    {
        _suspects = Math.Max(0, _suspects - count);
        _size = _suspects > 0 ? Math.Max(1, _suspects / 2) : Math.Min(Largest, _size * 2);
    }

    /// <summary>Records that the <paramref name="count"/> items that were tried together were rejected.</summary>
    /// <returns>True if it was one item, which is the cause; the next try begins behind it. False: the next try begins with it.</returns>
    public bool Reject(int count)
    {
        (_suspects, _size) = count == 1 ? (0, 1) : (count, count / 2);
        return count == 1;
    }

    /// <summary>Allows the largest size again, because the failure had nothing to do with the items.</summary>
    public void Reset() => (_suspects, _size) = (0, Largest);
}
