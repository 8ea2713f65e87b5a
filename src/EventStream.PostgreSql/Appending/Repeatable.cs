namespace EventStream.PostgreSql.Appending;

/// <summary>What may be repeated: a message, or a list.</summary>
/// <param name="Last">The number of the message, or of the list's last one.</param>
/// <param name="Length">How many messages the list has; 1 for a message.</param>
internal readonly record struct Repeatable(long Last, int Length)
{
    /// <summary>The number that a record takes which repeats it.</summary>
    /// <exception cref="ListLengthException">It is of a list of another length.</exception>
    public long NumberOf(EventStreamLogRecord record, RepeatKey key)
    {
        if (record.Part is not { } part) return Last;
        return part.Length == Length ? Last - Length + part.Number : throw new ListLengthException(key, Length, part.Length);
    }
}
