namespace EventStream.PostgreSql.Retention;

/// <summary>Some channels, by their ids, and how much each of them keeps: the columns that the statements take.</summary>
internal sealed class KeptChannels
{
    public KeptChannels(IReadOnlyList<(long Id, string Name)> channels, RetentionRules rules)
    {
        Ids = [.. channels.Select(channel => channel.Id)];
        PostgreSqlRetention[] retentions = [.. channels.Select(channel => rules.Of(channel.Name))];
        Seconds = Array.ConvertAll(retentions, retention => retention.MaxAge?.TotalSeconds);
        Counts = Array.ConvertAll(retentions, retention => retention.MaxCount);
        Bytes = Array.ConvertAll(retentions, retention => retention.MaxBytes);
    }

    public long[] Ids { get; }

    public double?[] Seconds { get; }

    public long?[] Counts { get; }

    public long?[] Bytes { get; }
}
