namespace EventStream.PostgreSql.Appending;

/// <summary>What the places of records depend on.</summary>
/// <param name="Channels">Their channels, by name; those that do not exist are missing.</param>
/// <param name="Repeatable">The retained messages and lists that they may repeat, by their sequences.</param>
internal sealed record LogState(IReadOnlyDictionary<string, ChannelState> Channels, IReadOnlyDictionary<RepeatKey, Repeatable> Repeatable)
{
    /// <summary>
    /// What is assumed of channels that were not looked at: that they are not complete, and have nothing that is repeated.
    /// </summary>
    public static LogState Assumed { get; } = Of(new Dictionary<string, ChannelState>());

    /// <summary>Channels of which nothing is repeated.</summary>
    public static LogState Of(IReadOnlyDictionary<string, ChannelState> channels) => new(channels, new Dictionary<RepeatKey, Repeatable>());
}
