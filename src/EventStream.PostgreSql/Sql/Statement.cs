using Npgsql;
using NpgsqlTypes;

namespace EventStream.PostgreSql.Sql;

/// <summary>Adds statements and their parameters to a batch.</summary>
/// <remarks>Each parameter has an explicit type, so that a statement can be prepared before it has values.</remarks>
internal static class Statement
{
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, string? value) => command.With(value, NpgsqlDbType.Text);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, long value) => command.With(value, NpgsqlDbType.Bigint);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, int value) => command.With(value, NpgsqlDbType.Integer);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, double value) => command.With(value, NpgsqlDbType.Double);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, bool value) => command.With(value, NpgsqlDbType.Boolean);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, ReadOnlyMemory<byte> value) =>
        command.With(value, NpgsqlDbType.Bytea);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, string?[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, ReadOnlyMemory<byte>[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, long[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, ulong[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Xid8);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, long?[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, double?[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Double);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, int[] values) =>
        command.With(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    private static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value, NpgsqlDbType type)
    {
        command.Parameters.Add(value is null
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type }
            : new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return command;
    }
}
