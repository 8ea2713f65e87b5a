using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>The statements that append records step by step, and what they answer.</summary>
internal sealed class AppendStatements(AppendSql sql, IReadOnlyList<EventStreamLogRecord> records)
{
    private readonly string[] _channels = [.. records.Select(record => record.Channel).Distinct(StringComparer.Ordinal)];
    private readonly (string Channel, string Key)[] _keys =
    [
        .. records.Where(record => record.Metadata?.IdempotencyKey is not null).Select(record => (record.Channel, record.Metadata!.IdempotencyKey!)).Distinct(),
    ];

    /// <summary>
    /// Whether what is written depends on what the log has. Only a statement that comes after the locks sees all of that.
    /// </summary>
    public bool DependOnState => _keys.Length > 0 || records.Any(record => record.Replaces);

    /// <summary>Makes the channels that do not exist.</summary>
    /// <remarks>Called for each attempt: an epoch that was sent once may name a history, which retention may have dropped since.</remarks>
    public void AddCreate(NpgsqlBatch batch) =>
        batch.Add(sql.Create).With(_channels).With(Array.ConvertAll(_channels, EventStreamPosition.NewEpoch));

    /// <summary>Locks the channels until the transaction ends, and reads the state.</summary>
    public void AddLock(NpgsqlBatch batch)
    {
        batch.Add(sql.Lock).With(_channels);
        if (_keys.Length > 0) batch.Add(sql.FindRepeated).With(Array.ConvertAll(_keys, key => key.Channel)).With(Array.ConvertAll(_keys, key => key.Key));
    }

    /// <summary>Whether all channels exist.</summary>
    public bool FindAll(LogState state) => state.Channels.Count == _channels.Length;

    /// <summary>Reads what the locks answer.</summary>
    public async ValueTask<LogState> ReadStateAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, ChannelState> channels = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) ChannelState.Add(channels, reader, 0);
        await reader.NextResultAsync(cancellationToken);
        Dictionary<RepeatKey, Repeatable> repeatable = [];
        if (_keys.Length == 0) return new(channels, repeatable);
        while (await reader.ReadAsync(cancellationToken))
        {
            var length = reader.IsDBNull(3) ? null : (int?)reader.GetInt32(3);
            repeatable.Add(new(reader.GetString(0), reader.GetString(1), length is not null), new(reader.GetInt64(2), length ?? 1));
        }

        await reader.NextResultAsync(cancellationToken);
        return new(channels, repeatable);
    }

    /// <summary>Carries a plan out, of the state that was read under the locks.</summary>
    public void AddWrite(NpgsqlBatch batch, AppendPlan plan)
    {
        if (plan.Replaced.Count > 0) AddReplaced(batch, [.. plan.Replaced]);
        var append = new AppendCommand(sql);
        append.Fill(plan);
        batch.BatchCommands.Add(append.Command);
    }

    private void AddReplaced(NpgsqlBatch batch, MessageKey[] replaced) => batch.Add(sql.DeleteReplaced)
        .With(Array.ConvertAll(replaced, key => key.Channel))
        .With(Array.ConvertAll(replaced, key => key.Key))
        .With(Array.ConvertAll(replaced, key => key.User));
}
