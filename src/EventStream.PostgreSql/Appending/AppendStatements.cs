using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>The statements that append records step by step, and their results.</summary>
internal sealed class AppendStatements(LogSql sql, IReadOnlyList<EventStreamLogRecord> records)
{
    private readonly string[] _channels = [.. records.Select(record => record.Channel).Distinct(StringComparer.Ordinal)];

    // A record with a token creates no channel: its run would have created it.
    private readonly string[] _created =
        [.. records.Where(record => record.RunToken is null).Select(record => record.Channel).Distinct(StringComparer.Ordinal)];

    private readonly (string Channel, string Key)[] _keys =
    [
        .. records
            .Where(record => record.Metadata?.IdempotencyKey is not null)
            .Select(record => (record.Channel, record.Metadata!.IdempotencyKey!))
            .Distinct(),
    ];

    /// <summary>Whether the rows to write depend on the log's content.</summary>
    /// <remarks>Only a statement after the one that takes the locks sees all of that content, so such an append takes two steps.</remarks>
    public bool DependOnState => _keys.Length > 0 || records.Any(record => record.Replaces) || HaveSeveralTokens;

    /// <summary>Adds the statement that creates missing channels.</summary>
    /// <remarks>
    /// Each attempt draws new epochs. An epoch of an earlier attempt may have become that of a history that retention has deleted since.
    /// </remarks>
    public void AddCreate(NpgsqlBatch batch) =>
        batch.Add(sql.Append.Create).With(_created).With(Array.ConvertAll(_created, EventStreamPosition.NewEpoch));

    /// <summary>Adds the statements that lock the channels until the transaction ends, and read their state.</summary>
    public void AddLock(NpgsqlBatch batch)
    {
        batch.Add(sql.Append.Lock).With(_channels);
        if (_keys.Length == 0) return;
        batch.Add(sql.Append.FindRepeated)
            .With(Array.ConvertAll(_keys, key => key.Channel))
            .With(Array.ConvertAll(_keys, key => key.Key));
    }

    /// <summary>Whether all channels exist that the append may create.</summary>
    public bool FindAll(LogState state) => Array.TrueForAll(_created, state.Channels.ContainsKey);

    /// <summary>Reads the results of <see cref="AddLock"/>.</summary>
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

    /// <summary>Adds the statements that write a plan, which was made from the state that was read under the locks.</summary>
    public void AddWrite(NpgsqlBatch batch, AppendPlan plan)
    {
        if (plan.Replaced.Count > 0) AddReplaced(batch, [.. plan.Replaced]);
        var append = new AppendCommand(sql.Append);
        append.Fill(plan);
        batch.BatchCommands.Add(append.Command);
        if (plan.CompletedRuns is not { Length: > 0 } runs) return;
        batch.Add(sql.Runs.Lock).With(runs);
        batch.Add(sql.Runs.End).With(runs).With(Array.ConvertAll(runs, _ => (int)EventStreamRunState.Complete)).With(false);
    }

    /// <summary>Whether records of one channel differ in their tokens, so that only some of them may be admitted.</summary>
    private bool HaveSeveralTokens => records.Any(record => record.RunToken is not null)
        && records.Select(record => (record.Channel, record.RunToken)).Distinct().Count() > _channels.Length;

    private void AddReplaced(NpgsqlBatch batch, MessageKey[] replaced) => batch.Add(sql.Append.DeleteReplaced)
        .With(Array.ConvertAll(replaced, key => key.Channel))
        .With(Array.ConvertAll(replaced, key => key.Key))
        .With(Array.ConvertAll(replaced, key => key.User));
}
