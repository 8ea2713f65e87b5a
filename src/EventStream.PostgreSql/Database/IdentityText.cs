namespace EventStream.PostgreSql.Database;

/// <summary>An identity as it is stored: system, timeline and tables, separated by slashes.</summary>
/// <remarks>
/// A part that the server withheld is empty. A timeline with a question mark was withheld at the last check. Since then messages may have
/// been written on another timeline, so a promotion no longer counts as <see cref="HistoryChange.Continuation"/>.
/// </remarks>
internal static class IdentityText
{
    private const int System = 0, Timeline = 1, Tables = 2;
    private const char Doubt = '?';

    /// <summary>The identity to store, and how it differs from the stored one.</summary>
    /// <remarks>
    /// A part that is missing in one of the two is not compared, because nodes may have different rights.
    /// A promoted server begins a new timeline at the point up to which it has replayed the earlier one. The messages before that point are
    /// the same in both. That holds only if the system and the tables are known to be the same, and the last check read the timeline.
    /// </remarks>
    public static (string Identity, HistoryChange Change) Merge(string stored, ReadOnlySpan<string?> parts)
    {
        string?[] known = stored.Split('/');
        Array.Resize(ref known, parts.Length);
        var isInDoubt = known[Timeline]?.EndsWith(Doubt) == true;
        known[Timeline] = known[Timeline]?.TrimEnd(Doubt);
        var merged = new string[parts.Length];
        Span<bool?> isSame = stackalloc bool?[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            isSame[i] = known[i] is { Length: > 0 } old && parts[i] is { Length: > 0 } part ? part == old : null;
            merged[i] = parts[i] ?? known[i] ?? "";
        }

        var change = !isSame.Contains(false) ? HistoryChange.None
            : isSame[System] == true && isSame[Tables] == true && isSame[Timeline] == false && !isInDoubt ? HistoryChange.Continuation
            : HistoryChange.Replacement;
        if (parts[Timeline] is null && merged[Timeline].Length > 0) merged[Timeline] += Doubt;
        return (string.Join('/', merged), change);
    }
}
