namespace EventStream.PostgreSql.Appending;

/// <summary>A record with the place it gets in its channel.</summary>
/// <param name="Part">The place of the channel's part.</param>
/// <param name="Number">Its number, from the newest message before the append.</param>
/// <param name="Total">The bytes up to and with it, from there.</param>
/// <param name="Record">What it is.</param>
internal sealed record PlannedMessage(int Part, long Number, long Total, EventStreamLogRecord Record)
{
    /// <summary>The key by which it is repeated, or the list that ends with it.</summary>
    public string? IdempotencyKey => Record.Part is { IsLast: false } ? null : Record.Metadata?.IdempotencyKey;

    /// <summary>The length of the list that ends with it.</summary>
    public int? ListLength => Record.Part is { IsLast: true } part ? part.Length : null;
}
