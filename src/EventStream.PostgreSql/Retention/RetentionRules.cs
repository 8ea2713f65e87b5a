using EventStream.AspNetCore.Channels;

namespace EventStream.PostgreSql.Retention;

/// <summary>How much each channel keeps: its own, that of a pattern, or that of all.</summary>
internal sealed class RetentionRules(PostgreSqlLogOptions options)
{
    // What nodes tell each other is soon of no use to anybody.
    private static readonly PostgreSqlRetention OfTheLibrary = new() { MaxAge = TimeSpan.FromHours(1) };

    private readonly (ChannelPattern Pattern, PostgreSqlRetention Retention)[] _patterns =
        [.. options.Retentions.Where(rule => ChannelPattern.IsPattern(rule.Key)).Select(rule => (new ChannelPattern(rule.Key), rule.Value))];

    public PostgreSqlRetention Of(string channel) =>
        channel.StartsWith(ChannelPattern.Reserved) ? OfTheLibrary
        : options.Retentions.TryGetValue(channel, out var own) ? own
        : Array.Find(_patterns, rule => rule.Pattern.Matches(channel)).Retention ?? options.Retention;
}
