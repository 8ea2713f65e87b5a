using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Npgsql;
using NpgsqlTypes;

namespace EventStream.PostgreSql.Appending;

/// <summary>The statement that writes the messages of an <see cref="AppendPlan"/>.</summary>
/// <remarks>It may be filled and executed any number of times.</remarks>
internal sealed class AppendCommand
{
    private readonly NpgsqlParameter<string[]> _channels = Column<string>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<long[]> _counts = Column<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _bytes = Column<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<bool[]> _ends = Column<bool>(NpgsqlDbType.Boolean);
    private readonly NpgsqlParameter<int[]> _notifications = Column<int>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<string?[]> _runTokens = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<int[]> _parts = Column<int>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<long[]> _numbers = Column<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _totals = Column<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<string?[]> _events = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string?[]> _keys = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string?[]> _users = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string?[]> _senders = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string?[]> _tags = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string?[]> _idempotencyKeys = Column<string?>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<int?[]> _listLengths = Column<int?>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _frames = Column<ReadOnlyMemory<byte>>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<string> _fingerprint = new() { NpgsqlDbType = NpgsqlDbType.Text };

    public AppendCommand(AppendSql sql) => Command = new NpgsqlBatchCommand(sql.Append)
    {
        Parameters =
        {
            _channels, _counts, _bytes, _ends, _notifications, _runTokens,
            _parts, _numbers, _totals, _events, _keys, _users, _senders, _tags, _idempotencyKeys, _listLengths, _frames,
            _fingerprint,
        },
    };

    /// <summary>The command to add to a batch.</summary>
    public NpgsqlBatchCommand Command { get; }

    /// <summary>Sets the values of the statement.</summary>
    /// <param name="plan">What to write.</param>
    /// <param name="fingerprint">
    /// The statement writes only on the server of this fingerprint. Null if the plan's state was read under locks of the same transaction.
    /// </param>
    public void Fill(AppendPlan plan, string? fingerprint = null)
    {
        var parts = plan.Parts;
        string[] names = [.. parts.Select(part => part.Name)];
        _channels.TypedValue = names;
        _counts.TypedValue = [.. parts.Select(part => part.Count)];
        _bytes.TypedValue = [.. parts.Select(part => part.Bytes)];
        _ends.TypedValue = [.. parts.Select(part => part.Ends)];
        _notifications.TypedValue = HintText.Distribute(names);
        _runTokens.TypedValue = TextsOf([.. parts], part => part.RunToken);
        PlannedMessage[] messages = [.. plan.Messages];
        _parts.TypedValue = Array.ConvertAll(messages, message => message.Part);
        _numbers.TypedValue = Array.ConvertAll(messages, message => message.Number);
        _totals.TypedValue = Array.ConvertAll(messages, message => message.Total);
        _events.TypedValue = TextsOf(messages, message => message.Record.Event);
        _keys.TypedValue = TextsOf(messages, message => message.Record.Metadata?.Key);
        _users.TypedValue = TextsOf(messages, message => message.Record.Metadata?.User);
        _senders.TypedValue = TextsOf(messages, message => message.Record.Metadata?.Sender);
        _tags.TypedValue = TextsOf(messages, message => (string?)message.Record.Metadata?.Tag);
        _idempotencyKeys.TypedValue = TextsOf(messages, message => message.IdempotencyKey);
        var hasList = Array.Exists(messages, message => message.ListLength is not null);
        _listLengths.TypedValue = hasList ? Array.ConvertAll(messages, message => message.ListLength) : [];
        _frames.TypedValue = Array.ConvertAll(messages, message => message.Record.Frame);
        _fingerprint.TypedValue = fingerprint ?? "";
    }

    /// <summary>Releases the messages, which may be large.</summary>
    public void Empty() => _frames.TypedValue = [];

    /// <summary>Reads the channels' state before the append, and whether the statement wrote the messages.</summary>
    public static async ValueTask<(LogState State, bool IsWritten)> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, ChannelState> channels = new(StringComparer.Ordinal);
        var isWritten = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            isWritten = reader.GetBoolean(0);
            if (!reader.IsDBNull(1)) ChannelState.Add(channels, reader, 1);
        }

        return (LogState.Of(channels), isWritten);
    }

    private static NpgsqlParameter<T[]> Column<T>(NpgsqlDbType type) => new() { NpgsqlDbType = NpgsqlDbType.Array | type };

    // Empty if all are null, because most messages have only a frame, and an empty array is shorter to send than many nulls.
    private static string?[] TextsOf<T>(T[] rows, Converter<T, string?> text) =>
        Array.Exists(rows, row => text(row) is not null) ? Array.ConvertAll(rows, text) : [];
}
