namespace EventStream.PostgreSql.Database;

/// <summary>An identity as it is stored: system, timeline and tables, with a slash between them.</summary>
/// <remarks>
/// A part that the server did not tell is empty. A timeline with a question mark was not told at the last check.
/// Since then messages may have been written on another timeline. So a promotion is no <see cref="HistoryChange.Continuation"/> any more.
/// </remarks>
internal static class IdentityText
{
    private const int System = 0, Timeline = 1, Tables = 2;
    private const char Doubt = '?';

    /// <summary>The identity to store, and how it differs from the stored one.</summary>
    /// <remarks>
    /// A part that only one of the two knows says nothing, because nodes may have different rights.
    /// A server begins a new timeline where it stops repeating an earlier one. What the earlier one had before that point is the same in
    /// both. That is known only where the system and the tables are known to be the same, and the last check was told the timeline.
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
