using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>
/// A limit for statements of a connection string that sets none (<c>Command Timeout=0</c>), as an app's for long reports may.
/// </summary>
/// <remarks>Without one, a statement on a connection that died without a word would never end.</remarks>
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
