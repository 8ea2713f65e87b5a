using EventStream.AspNetCore.Channels;

namespace EventStream.PostgreSql.Retention;

/// <summary>Finds the retention of a channel: its own, that of a pattern, or that of all channels.</summary>
internal sealed class RetentionRules(PostgreSqlLogOptions options)
{
    // For the channel by which nodes send each other messages, which are soon useless.
    private static readonly PostgreSqlRetention OfTheLibrary = new() { MaxAge = TimeSpan.FromHours(1) };

    private readonly (ChannelPattern Pattern, PostgreSqlRetention Retention)[] _patterns =
    [
        .. options.Retentions
            .Where(rule => ChannelPattern.IsPattern(rule.Key))
            .Select(rule => (new ChannelPattern(rule.Key), rule.Value)),
    ];

    public PostgreSqlRetention Of(string channel) =>
        channel.StartsWith(ChannelPattern.Reserved) ? OfTheLibrary
        : options.Retentions.TryGetValue(channel, out var own) ? own
        : Array.Find(_patterns, rule => rule.Pattern.Matches(channel)).Retention ?? options.Retention;
}
