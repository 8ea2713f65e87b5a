using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>Takes the locks of the channels that records go to, and reads what their places depend on, in one round trip.</summary>
internal sealed class ChannelLocks(LogSql sql, IReadOnlyList<EventStreamLogRecord> records)
{
    private readonly string[] _names = [.. records.Select(record => record.Channel).Distinct(StringComparer.Ordinal)];
    private readonly (string Channel, string Key)[] _keys =
    [
        .. records.Where(record => record.Metadata?.IdempotencyKey is not null).Select(record => (record.Channel, record.Metadata!.IdempotencyKey!)).Distinct(),
    ];

    /// <summary>Adds the statements that make the channels that do not exist.</summary>
    public void AddCreation(NpgsqlBatch batch)
    {
        var first = records.DistinctBy(record => record.Channel, StringComparer.Ordinal).ToArray();
        batch.Add(sql.Channels.Create).With(Array.ConvertAll(first, record => record.Channel)).With(Array.ConvertAll(first, record => record.Epoch));
    }

    /// <summary>Locks the channels until the transaction ends, and places the records; null if a channel does not exist.</summary>
    public async ValueTask<AppendPlan?> TakeAsync(LogTransaction transaction, NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        batch.Add(sql.Channels.Lock).With(_names);
        if (_keys.Length > 0) batch.Add(sql.Messages.FindRepeated).With(Array.ConvertAll(_keys, key => key.Channel)).With(Array.ConvertAll(_keys, key => key.Key));
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var channels = await ReadChannelsAsync(reader, cancellationToken);
        if (channels.Count < _names.Length) return null;
        return new AppendPlan(records, channels, _keys.Length > 0 ? await ReadRepeatedAsync(reader, cancellationToken) : []);
    }

    private static async ValueTask<Dictionary<string, ChannelState>> ReadChannelsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, ChannelState> channels = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            channels.Add(name, new(name, reader.GetInt64(1), reader.GetString(2))
            {
                Newest = reader.GetInt64(3),
                Total = reader.GetInt64(4),
                IsComplete = reader.GetBoolean(5),
                ChangedAt = reader.GetDateTime(6),
            });
        }

        return channels;
    }

    private static async ValueTask<Dictionary<(string Channel, string Key), long>> ReadRepeatedAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        // Read under the locks, by a statement of its own, which sees all that was committed before they were free.
        Dictionary<(string, string), long> repeated = [];
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) repeated.Add((reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        return repeated;
    }
}
