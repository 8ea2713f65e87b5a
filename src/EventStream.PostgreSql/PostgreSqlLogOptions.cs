namespace EventStream.PostgreSql;

/// <summary>How the log of the channels lives in a PostgreSQL database: set by <c>AddPostgreSql</c>.</summary>
/// <remarks>
/// <c>AddEventStreams</c> takes them from the section <c>PostgreSql</c> of the configuration that it was given. Validated when the app
/// starts. All nodes that share a database should have the same.
/// </remarks>
public sealed class PostgreSqlLogOptions : EventStreamLogOptions
{
    /// <summary>The database schema in which the package's tables are, and nothing else.</summary>
    /// <value><c>eventstream</c> by default; any name PostgreSQL takes, at most 63 bytes, not beginning with <c>pg_</c>.</value>
    /// <remarks>Its name is also that of the notifications. Apps with different schemas share nothing.</remarks>
    public string Schema { get; set; } = "eventstream";

    /// <summary>Whether the app makes the schema, and upgrades it, when it starts.</summary>
    /// <value>
    /// True by default, for which the app's role needs the right to create. False: it is only checked; apply
    /// <see cref="PostgreSqlSchema.Script"/> yourself.
    /// </value>
    /// <remarks>Any number of nodes may start at once.</remarks>
    public bool CreateSchema { get; set; } = true;

    /// <summary>How long the app's start waits for the database to answer, or for a lock that another session holds.</summary>
    /// <remarks>
    /// The start logs what it waits for, and fails with that when the time is over. An error that waiting does not mend ends it at once.
    /// An upgrade of the schema that this node makes may take longer.
    /// </remarks>
    /// <value>10 s by default; from 0 to 1 hour. An attempt may take a second, however short this is.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the log is read although no notification came.</summary>
    /// <remarks>
    /// A notification that is lost delays a message by this at most.
    /// <para/>
    /// It also bounds how long a message of a caller's transaction waits after the commit in two cases. The node that published has died,
    /// or the transaction stayed open for longer than this after its last message.
    /// </remarks>
    /// <value>2 s by default; from 100 ms to 1 hour.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of a channel is kept.</summary>
    /// <value>7 days and 100,000 messages by default, whichever is less; not null.</value>
    public PostgreSqlRetention Retention { get; set; } = new();

    /// <summary>How much is kept of single channels, by the channel's name or a pattern such as <c>orders/{id}</c>.</summary>
    /// <value>Empty by default: <see cref="Retention"/> is for all.</value>
    /// <remarks>
    /// The names and patterns are those that are given to <c>AddChannel</c>. An exact name wins, then any pattern that matches. The
    /// patterns should not overlap: their order is not kept.
    /// </remarks>
    public IDictionary<string, PostgreSqlRetention> Retentions { get; } = new Dictionary<string, PostgreSqlRetention>(StringComparer.Ordinal);

    /// <summary>How often what is not to be kept is deleted; by one node at a time.</summary>
    /// <value>30 s by default, and up to a half more; from 1 s to 1 day.</value>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromSeconds(30);
}
