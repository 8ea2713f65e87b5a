using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>A channel's row as it was when an append took its lock.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Newest">The sequence of the newest message.</param>
/// <param name="IsComplete">Whether the channel is complete.</param>
/// <param name="RunToken">The token that holds the channel's run; null if none does.</param>
internal sealed record ChannelState(string Epoch, long Newest, bool IsComplete, string? RunToken)
{
    /// <summary>Adds the channel of a row, whose columns from <paramref name="first"/> on are its name and its state.</summary>
    public static void Add(Dictionary<string, ChannelState> channels, NpgsqlDataReader row, int first) =>
        channels.Add(row.GetString(first), new(
            row.GetString(first + 1),
            row.GetInt64(first + 2),
            row.GetBoolean(first + 3),
            row.IsDBNull(first + 4) ? null : row.GetString(first + 4)));
}
