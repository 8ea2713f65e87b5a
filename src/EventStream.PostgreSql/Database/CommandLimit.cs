using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>Limits statements where the connection string sets no limit (<c>Command Timeout=0</c>).</summary>
/// <remarks>An app may set that for long reports. Without a limit, a statement on a silently broken connection would never end.</remarks>
internal static class CommandLimit
{
    private const int Seconds = 30;

    public static NpgsqlBatch Limited(this NpgsqlBatch batch)
    {
        if (batch.Timeout == 0) batch.Timeout = Seconds;
        return batch;
    }

    public static NpgsqlCommand Limited(this NpgsqlCommand command)
    {
        if (command.CommandTimeout == 0) command.CommandTimeout = Seconds;
        return command;
    }
}
