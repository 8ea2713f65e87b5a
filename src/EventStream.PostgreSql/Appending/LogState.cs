namespace EventStream.PostgreSql.Appending;

/// <summary>The state of the log that decides which numbers records get.</summary>
/// <param name="Channels">The records' channels, by name; a channel that does not exist is missing.</param>
/// <param name="Repeatable">The retained messages and lists that the records may repeat, by their keys.</param>
internal sealed record LogState(IReadOnlyDictionary<string, ChannelState> Channels, IReadOnlyDictionary<RepeatKey, Repeatable> Repeatable)
{
    /// <summary>The assumption about channels whose state was not read: not complete, held by the records' tokens, and
    /// without a repeated message.</summary>
    public static LogState Assumed { get; } = Of(new Dictionary<string, ChannelState>());

    /// <summary>The state of channels without a repeated message.</summary>
    public static LogState Of(IReadOnlyDictionary<string, ChannelState> channels) => new(channels, new Dictionary<RepeatKey, Repeatable>());

    /// <summary>Whether a record's token holds the run of its channel; true for a record without a token.</summary>
    public bool Admits(EventStreamLogRecord record) => record.RunToken is null || ReferenceEquals(this, Assumed)
        || Channels.GetValueOrDefault(record.Channel)?.RunToken == record.RunToken;
}
