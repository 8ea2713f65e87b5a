namespace EventStream.PostgreSql.Sql;

/// <summary>The statements of runs. All times are the database's.</summary>
/// <remarks>
/// A transaction locks channels in the order of their ids, and then runs in the same order. A renewal locks only runs. So no two of them,
/// and no append, can deadlock.
/// </remarks>
internal sealed class RunSql(SchemaName schema)
{
    /// <summary>Locks the runs of channels whose locks are held. Parameter: names.</summary>
    public string Lock { get; } =
        $"""
         SELECT r.channel FROM {schema}.channel AS c JOIN {schema}.run AS r ON r.channel = c.id
         WHERE c.name = ANY ($1)
         ORDER BY r.channel FOR UPDATE OF r
         """;

    /// <summary>Reads channels and their runs. Parameter: names.</summary>
    public string Read { get; } =
        $"""
         SELECT {Columns} FROM {schema}.channel AS c LEFT JOIN {schema}.run AS r ON r.channel = c.id
         WHERE c.name = ANY ($1)
         """;

    /// <summary>Reads all runs that are running.</summary>
    public string ReadRunning { get; } =
        $"""
         SELECT {Columns} FROM {schema}.run AS r JOIN {schema}.channel AS c ON c.id = r.channel
         WHERE r.is_running
         """;

    /// <summary>Finds the channels of runs whose owner has died. Parameter: how many seconds a run waits to be taken over.</summary>
    public string FindAbandoned { get; } =
        $"""
         SELECT c.name FROM {schema}.run AS r JOIN {schema}.channel AS c ON c.id = r.channel
         WHERE r.is_running AND {IsAbandoned("$1")}
         """;

    /// <summary>Reads those of some channels whose run's owner has died. Parameters: names, and the seconds.</summary>
    public string ReadAbandoned { get; } =
        $"""
         SELECT {Columns} FROM {schema}.channel AS c JOIN {schema}.run AS r ON r.channel = c.id
         WHERE c.name = ANY ($1) AND r.is_running AND {IsAbandoned("$2")}
         """;

    /// <summary>Lets a token hold the channel's run, which begins if there is none.</summary>
    /// <remarks>
    /// Parameters: the channel's name, the token, the node, the seconds of the lease, and whether a new run may be taken over.
    /// </remarks>
    public string Hold { get; } =
        $"""
         WITH claimed AS (
             UPDATE {schema}.channel SET run_token = $2, run_state = {(int)EventStreamRunState.Running} WHERE name = $1 RETURNING id
         )
         INSERT INTO {schema}.run (channel, token, node, takes_over, since, lease_until)
         SELECT id, $2, $3, $5, clock_timestamp(), {After("$4")} FROM claimed
         ON CONFLICT (channel) DO UPDATE SET token = excluded.token, node = excluded.node, lease_until = excluded.lease_until
         """;

    /// <summary>Renews leases. Parameters: tokens, and the seconds of the lease. Returns the runs that the tokens hold.</summary>
    public string Renew { get; } =
        $"""
         WITH held AS MATERIALIZED (
             SELECT channel FROM {schema}.run WHERE token = ANY ($1) AND is_running
             ORDER BY channel FOR UPDATE
         ), r AS (
             UPDATE {schema}.run AS renewed SET lease_until = {After("$2")}
             FROM held WHERE renewed.channel = held.channel
             RETURNING renewed.*
         )
         SELECT {Columns} FROM r JOIN {schema}.channel AS c ON c.id = r.channel
         """;

    /// <summary>Requests the stop of a channel's run. Parameter: the channel's name.</summary>
    public string RequestStop { get; } =
        $"""
         UPDATE {schema}.run AS r SET is_stop_requested = true
         FROM {schema}.channel AS c WHERE c.name = $1 AND r.channel = c.id
         """;

    /// <summary>Ends runs, and completes their channels.</summary>
    /// <remarks>
    /// Parameters: the channels' names, the last states, and whether the readers are told. A channel's time never goes back, even if the
    /// clock is set back.
    /// </remarks>
    public string End { get; } =
        $"""
         WITH ended AS (
             UPDATE {schema}.channel AS c
             SET is_complete = true, run_token = NULL, run_state = over.state, are_readers_told = $3,
                 changed_at = greatest(clock_timestamp(), c.changed_at)
             FROM unnest($1, $2) AS over (channel, state) WHERE c.name = over.channel
             RETURNING c.id
         )
         UPDATE {schema}.run AS r SET is_running = false, since = clock_timestamp()
         FROM ended WHERE r.channel = ended.id
         """;

    // A column of the run is null if the channel has none.
    private const string Columns =
        "c.name, c.epoch, c.newest, c.is_complete, c.run_state, r.token, r.node, coalesce(r.since, c.changed_at), r.takes_over, "
        + "r.is_running AND r.is_stop_requested, r.is_running AND r.lease_until <= clock_timestamp()";

    private static string IsAbandoned(string seconds) =>
        $"""
         r.lease_until <= clock_timestamp() - CASE
             WHEN r.takes_over AND NOT r.is_stop_requested THEN make_interval(secs => {seconds})
             ELSE interval '0'
         END
         """;

    private static string After(string seconds) => $"clock_timestamp() + make_interval(secs => {seconds})";
}
