using Npgsql;

namespace EventStream.PostgreSql.Runs;

/// <summary>A channel with its run.</summary>
/// <param name="Run">The run. Of a channel without one it says that the channel is complete.</param>
/// <param name="IsComplete">Whether the channel is complete.</param>
internal sealed record RunRow(EventStreamLogRun Run, bool IsComplete)
{
    /// <summary>Whether the channel has a run.</summary>
    public bool HasRun => Run.Token is not null;

    public bool IsRunning => HasRun && Run.State is EventStreamRunState.Running;

    /// <summary>Whether a token holds the run.</summary>
    public bool IsHeldBy(string token) => IsRunning && Run.Token == token;

    /// <summary>The state with which a run ends whose owner has died.</summary>
    public EventStreamRunState StateOfAbandoned => Run.IsStopRequested ? EventStreamRunState.Stopped : EventStreamRunState.Failed;

    public static RunRow Read(NpgsqlDataReader row) => new(
        new()
        {
            Channel = row.GetString(0),
            Epoch = row.GetString(1),
            Newest = row.GetInt64(2),
            State = row.IsDBNull(4) ? EventStreamRunState.Complete : (EventStreamRunState)row.GetInt32(4),
            Token = row.IsDBNull(5) ? null : row.GetString(5),
            Node = row.IsDBNull(6) ? null : row.GetString(6),
            Since = new DateTimeOffset(row.GetDateTime(7)),
            TakesOver = IsTrue(row, 8),
            IsStopRequested = IsTrue(row, 9),
            IsLeaseOver = IsTrue(row, 10),
        },
        row.GetBoolean(3));

    private static bool IsTrue(NpgsqlDataReader row, int column) => !row.IsDBNull(column) && row.GetBoolean(column);
}
