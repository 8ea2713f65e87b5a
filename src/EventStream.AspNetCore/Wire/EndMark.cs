namespace EventStream.AspNetCore.Wire;

/// <summary>The ending of an id that says: this stream is finished. A client that sends it back gets 204, on any node.</summary>
internal static class EndMark
{
    public const string Suffix = ".end";

    public static bool IsOn(ReadOnlySpan<char> id) => id.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>What an id with the mark has before it.</summary>
    public static string Before(string id) => id[..^Suffix.Length];

    /// <summary>The id of the last event of a stream whose last position is <paramref name="position"/>.</summary>
    /// <remarks>The position is there for people; one that is hostile or leaves no room for the mark is left out.</remarks>
    public static string After(string? position) =>
        position is not null && position.Length <= EventStreamId.MaxLength - Suffix.Length && EventFields.UnsafeAt(position) < 0
            ? position + Suffix
            : Suffix;
}
