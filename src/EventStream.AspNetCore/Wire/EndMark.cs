namespace EventStream.AspNetCore.Wire;

/// <summary>The suffix of an id that marks the end of a finished stream.</summary>
/// <remarks>A client that sends such an id back gets 204, on any node.</remarks>
internal static class EndMark
{
    public const string Suffix = ".end";

    public static bool IsOn(ReadOnlySpan<char> id) => id.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Gets the id without the mark, if it has one.</summary>
    public static ReadOnlySpan<char> Before(ReadOnlySpan<char> id) => IsOn(id) ? id[..^Suffix.Length] : id;

    /// <summary>Gets the id of the last event of a stream whose last position is <paramref name="position"/>.</summary>
    /// <remarks>
    /// The position helps people who read the id. It is omitted if it has characters that an id may not have, or leaves no room for the
    /// mark.
    /// </remarks>
    public static string After(string? position) =>
        position is not null && position.Length <= EventStreamId.MaxLength - Suffix.Length && EventFields.UnsafeAt(position) < 0
            ? position + Suffix
            : Suffix;
}
