namespace EventStream.PostgreSql.Appending;

/// <summary>A list has the idempotency key of an earlier list of another length.</summary>
internal sealed class ListLengthException(RepeatKey key, int known, int length) : InvalidOperationException(
    $"A list of {known} messages was published to '{key.Channel}' with the idempotency key '{key.Key}', and this list has {length}. "
    + "Repeat the same messages, or give the list another key.");
