namespace EventStream.PostgreSql.Appending;

/// <summary>What the places of records depend on.</summary>
/// <param name="Channels">Their channels, by name; those that do not exist are missing.</param>
/// <param name="Repeatable">The sequences of retained messages that they may repeat, by channel and idempotency key.</param>
internal sealed record LogState(IReadOnlyDictionary<string, ChannelState> Channels, IReadOnlyDictionary<(string Channel, string Key), long> Repeatable)
{
    /// <summary>What is assumed of channels that were not looked at: that they are not complete, and have nothing that is repeated.</summary>
    public static LogState Assumed { get; } = Of(new Dictionary<string, ChannelState>());

    /// <summary>Channels of which nothing is repeated.</summary>
    public static LogState Of(IReadOnlyDictionary<string, ChannelState> channels) => new(channels, new Dictionary<(string, string), long>());
}
