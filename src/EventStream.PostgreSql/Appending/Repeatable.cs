namespace EventStream.PostgreSql.Appending;

/// <summary>A message or a list that may be repeated.</summary>
/// <param name="Last">The number of the message, or of the list's last message.</param>
/// <param name="Length">How many messages the list has; 1 for a message.</param>
internal readonly record struct Repeatable(long Last, int Length)
{
    /// <summary>The number of the message that a record repeats.</summary>
    /// <exception cref="ListLengthException">The record is part of a list of another length.</exception>
    public long NumberOf(EventStreamLogRecord record, RepeatKey key)
    {
        if (record.Part is not { } part) return Last;
        return part.Length == Length ? Last - Length + part.Number : throw new ListLengthException(key, Length, part.Length);
    }
}
