namespace EventStream.PostgreSql.Appending;

/// <summary>A record with its number in its channel.</summary>
/// <param name="Part">The place of its channel's <see cref="ChannelPart"/>.</param>
/// <param name="Number">The number, counted from the newest message before the append.</param>
/// <param name="Total">The bytes of the messages from there up to and including this one.</param>
/// <param name="Record">The record.</param>
internal sealed record PlannedMessage(int Part, long Number, long Total, EventStreamLogRecord Record)
{
    /// <summary>The key of the message, or of the list that ends with it; null for the other messages of a list.</summary>
    public string? IdempotencyKey => Record.Part is { IsLast: false } ? null : Record.Metadata?.IdempotencyKey;

    /// <summary>The length of the list that ends with it.</summary>
    public int? ListLength => Record.Part is { IsLast: true } part ? part.Length : null;
}
