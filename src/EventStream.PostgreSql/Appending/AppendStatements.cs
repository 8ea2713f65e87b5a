using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>The statements that append records, and what they answer.</summary>
internal sealed class AppendStatements(AppendSql sql, IReadOnlyList<EventStreamLogRecord> records)
{
    private readonly string[] _channels = [.. records.Select(record => record.Channel).Distinct(StringComparer.Ordinal)];
    private readonly (string Channel, string Key)[] _keys =
    [
        .. records.Where(record => record.Metadata?.IdempotencyKey is not null).Select(record => (record.Channel, record.Metadata!.IdempotencyKey!)).Distinct(),
    ];

    /// <summary>Whether what is written depends on what the log has. Only a statement that comes after the locks sees all of that.</summary>
    public bool DependOnState => _keys.Length > 0 || records.Any(record => record.Replaces);

    /// <summary>Makes the channels that do not exist.</summary>
    public void AddCreate(NpgsqlBatch batch)
    {
        var first = records.DistinctBy(record => record.Channel, StringComparer.Ordinal).ToArray();
        batch.Add(sql.Create).With(Array.ConvertAll(first, record => record.Channel)).With(Array.ConvertAll(first, record => record.Epoch));
    }

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
        while (await reader.ReadAsync(cancellationToken)) AddChannel(channels, reader, 0);
        await reader.NextResultAsync(cancellationToken);
        Dictionary<(string, string), long> repeatable = [];
        if (_keys.Length == 0) return new(channels, repeatable);
        while (await reader.ReadAsync(cancellationToken)) repeatable.Add((reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        await reader.NextResultAsync(cancellationToken);
        return new(channels, repeatable);
    }

    /// <summary>Carries a plan out. Of the fingerprint, if one is given, the server makes sure; otherwise the plan is of a state that was read under locks of the same transaction.</summary>
    public void AddWrite(NpgsqlBatch batch, AppendPlan plan, string? fingerprint = null)
    {
        if (plan.Replaced.Count > 0) AddReplaced(batch, [.. plan.Replaced]);
        string[] names = [.. plan.Parts.Select(part => part.Name)];
        var append = batch.Add(sql.Append)
            .With(names)
            .With([.. plan.Parts.Select(part => part.Count)])
            .With([.. plan.Parts.Select(part => part.Bytes)])
            .With([.. plan.Parts.Select(part => part.Ends)])
            .With(HintText.Distribute(names));
        AddMessages(append, [.. plan.Messages]);
        append.With(fingerprint);
    }

    /// <summary>Reads what the channels were, if the plan was carried out, and whether it was.</summary>
    public static async ValueTask<(LogState State, bool IsWritten)> ReadWrittenAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, ChannelState> channels = new(StringComparer.Ordinal);
        var isWritten = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            isWritten = reader.GetBoolean(0);
            if (!reader.IsDBNull(1)) AddChannel(channels, reader, 1);
        }

        return (LogState.Of(channels), isWritten);
    }

    private static void AddChannel(Dictionary<string, ChannelState> channels, NpgsqlDataReader row, int column) =>
        channels.Add(row.GetString(column), new(row.GetString(column + 1), row.GetInt64(column + 2), row.GetBoolean(column + 3)));

    private static void AddMessages(NpgsqlBatchCommand append, PlannedMessage[] messages) => append
        .With(Array.ConvertAll(messages, message => message.Part))
        .With(Array.ConvertAll(messages, message => message.Number))
        .With(Array.ConvertAll(messages, message => message.Total))
        .With(ColumnOf(messages, message => message.Record.Event))
        .With(ColumnOf(messages, message => message.Record.Metadata?.Key))
        .With(ColumnOf(messages, message => message.Record.Metadata?.User))
        .With(ColumnOf(messages, message => message.Record.Metadata?.Sender))
        .With(ColumnOf(messages, message => (string?)message.Record.Metadata?.Tag))
        .With(ColumnOf(messages, message => message.Record.Metadata?.IdempotencyKey))
        .With(Array.ConvertAll(messages, message => message.Record.Frame));

    /// <summary>Most messages have no more than a frame, and nothing is shorter to send than many nulls.</summary>
    private static string?[] ColumnOf(PlannedMessage[] messages, Converter<PlannedMessage, string?> value) =>
        Array.Exists(messages, message => value(message) is not null) ? Array.ConvertAll(messages, value) : [];

    private void AddReplaced(NpgsqlBatch batch, MessageKey[] replaced) => batch.Add(sql.DeleteReplaced)
        .With(Array.ConvertAll(replaced, key => key.Channel))
        .With(Array.ConvertAll(replaced, key => key.Key))
        .With(Array.ConvertAll(replaced, key => key.User));
}
