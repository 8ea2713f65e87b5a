using EventStream.AspNetCore.Channels;

namespace EventStream.PostgreSql.Retention;

/// <summary>How much each channel keeps: its own, that of a pattern, or that of all.</summary>
internal sealed class RetentionRules(PostgreSqlLogOptions options)
{
    private readonly (ChannelPattern Pattern, PostgreSqlRetention Retention)[] _patterns =
        [.. options.Retentions.Where(rule => ChannelPattern.IsPattern(rule.Key)).Select(rule => (new ChannelPattern(rule.Key), rule.Value))];

    public PostgreSqlRetention Of(string channel) =>
        options.Retentions.TryGetValue(channel, out var own) ? own : Array.Find(_patterns, rule => rule.Pattern.Matches(channel)).Retention ?? options.Retention;
}
