using System.Buffers;

namespace EventStream.PostgreSql.Appending;

/// <summary>Finds text that PostgreSQL cannot store.</summary>
/// <remarks>Checked before the append, because the database would roll back the other records of the transaction too.</remarks>
internal static class RecordText
{
    private static readonly SearchValues<char> Suspects =
        SearchValues.Create(['\0', .. Enumerable.Range(0xD800, 0x800).Select(unit => (char)unit)]);

    /// <summary>What is wrong with a record; null: nothing.</summary>
    public static string? Fault(EventStreamLogRecord record)
    {
        var metadata = record.Metadata;
        if (metadata?.Tag is not (null or string))
        {
            return $"The tag of a message to '{record.Channel}' is a {metadata.Tag.GetType().Name}. "
                + "The log stores only strings: use a string.";
        }

        return FaultOf(record.Channel, "name")
            ?? FaultOf(record.Event, "event")
            ?? FaultOf(metadata?.Key, nameof(metadata.Key))
            ?? FaultOf(metadata?.User, nameof(metadata.User))
            ?? FaultOf(metadata?.Sender, nameof(metadata.Sender))
            ?? FaultOf(metadata?.IdempotencyKey, nameof(metadata.IdempotencyKey))
            ?? FaultOf((string?)metadata?.Tag, nameof(metadata.Tag));

        string? FaultOf(string? text, string what) => IsStorable(text)
            ? null
            : $"The {what} of a message to '{record.Channel}' has a NUL or half a surrogate pair, which PostgreSQL cannot store. "
                + "Remove it, or encode it.";
    }

    /// <summary>What is wrong with a claim; null: nothing.</summary>
    public static string? Fault(EventStreamRunClaim claim) =>
        IsStorable(claim.Channel) && IsStorable(claim.Token) && IsStorable(claim.Replaces) && IsStorable(claim.Node)
            ? null
            : $"The claim of a run of '{claim.Channel}' has a NUL or half a surrogate pair, which PostgreSQL cannot store. "
                + "Remove it from the channel's name, or encode it.";

    private static bool IsStorable(string? text)
    {
        if (text is null) return true;
        for (var at = text.AsSpan().IndexOfAny(Suspects); at >= 0 && at < text.Length; at++)
        {
            if (text[at] == '\0' || char.IsLowSurrogate(text[at])) return false;
            if (!char.IsHighSurrogate(text[at])) continue;
            if (++at == text.Length || !char.IsLowSurrogate(text[at])) return false;
        }

        return true;
    }
}
