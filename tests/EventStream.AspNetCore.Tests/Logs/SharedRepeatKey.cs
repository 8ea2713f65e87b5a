namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>By what a repetition is known: lists have a space of their own.</summary>
internal readonly record struct SharedRepeatKey(string Key, bool IsList)
{
    public static SharedRepeatKey? Of(EventStreamLogRecord record) =>
        record.Metadata?.IdempotencyKey is { } key ? new(key, record.Part is not null) : null;

    /// <summary>How many records of its list come after this one.</summary>
    public static int Behind(EventStreamLogRecord record) => record.Part is { } part ? part.Length - part.Number : 0;
}
