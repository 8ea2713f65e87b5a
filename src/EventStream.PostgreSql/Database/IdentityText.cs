namespace EventStream.PostgreSql.Database;

/// <summary>An identity as it is stored: the parts with a slash between them, and nothing for a part that the server did not tell.</summary>
internal static class IdentityText
{
    /// <summary>The identity to store, and whether it is another one than was stored.</summary>
    /// <remarks>A part that only one of the two knows says nothing: nodes may have different rights.</remarks>
    public static (string Identity, bool IsAnother) Merge(string stored, ReadOnlySpan<string?> parts)
    {
        var old = stored.Split('/');
        var merged = new string[parts.Length];
        var isAnother = false;
        for (var i = 0; i < parts.Length; i++)
        {
            var known = i < old.Length ? old[i] : "";
            isAnother |= known.Length > 0 && parts[i] is { Length: > 0 } part && part != known;
            merged[i] = parts[i] ?? known;
        }

        return (string.Join('/', merged), isAnother);
    }
}
