namespace EventStream.PostgreSql.Retention;

/// <summary>Channels and their retention, as arrays for the parameters of the statements.</summary>
internal sealed class ChannelRetentions
{
    public ChannelRetentions(IReadOnlyList<(long Id, string Name)> channels, RetentionRules rules)
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
