namespace EventStream.PostgreSql;

/// <summary>The options of the log in a PostgreSQL database, set by <c>AddPostgreSql</c>.</summary>
/// <remarks>
/// If <c>AddEventStreams</c> was given a configuration, its section <c>PostgreSql</c> sets them first. The app validates them when it
/// starts. Give all nodes that share a database the same options.
/// </remarks>
public sealed class PostgreSqlLogOptions : EventStreamLogOptions
{
    /// <summary>The database schema of the package's tables; it should contain nothing else.</summary>
    /// <value><c>eventstream</c> by default; a name of at most 63 bytes that does not begin with <c>pg_</c>.</value>
    /// <remarks>The notifications have the same name. Apps with different schemas share nothing.</remarks>
    public string Schema { get; set; } = "eventstream";

    /// <summary>Whether the app creates and upgrades the schema when it starts.</summary>
    /// <value>
    /// True by default: the app's role needs the right to create. False: the app only checks the schema; apply
    /// <see cref="PostgreSqlSchema.Script"/> yourself.
    /// </value>
    /// <remarks>Any number of nodes may start at once.</remarks>
    public bool CreateSchema { get; set; } = true;

    /// <summary>How long the app's start waits for the database to answer, or for a lock that another session holds.</summary>
    /// <remarks>
    /// The start logs what it waits for, and fails with that reason when the time is over. It fails at once after an error that waiting
    /// cannot fix. An upgrade of the schema by this node may take longer.
    /// </remarks>
    /// <value>10 s by default; from 0 to 1 hour. An attempt may take a second, also if this is shorter.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a node reads the log without a notification.</summary>
    /// <remarks>
    /// A lost notification delays a message by at most this time.
    /// <para/>
    /// In two cases it also limits how long a message of an app's transaction waits after the commit. The node that published has died. Or
    /// the transaction stayed open for longer than this after its last message.
    /// </remarks>
    /// <value>2 s by default; from 100 ms to 1 hour.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many messages of a channel the database retains.</summary>
    /// <value>By default messages of 7 days, and at most 100,000; not null.</value>
    public PostgreSqlRetention Retention { get; set; } = new();

    /// <summary>The retention of single channels, by the channel's name or a pattern such as <c>orders/{id}</c>.</summary>
    /// <value>Empty by default: <see cref="Retention"/> applies to all channels.</value>
    /// <remarks>
    /// Names and patterns are those that the app gives to <c>AddChannel</c>. An exact name wins over a pattern. Patterns should not
    /// overlap, because the dictionary does not keep their order.
    /// </remarks>
    public IDictionary<string, PostgreSqlRetention> Retentions { get; } =
        new Dictionary<string, PostgreSqlRetention>(StringComparer.Ordinal);

    /// <summary>How often a node deletes messages beyond the retention; one node at a time.</summary>
    /// <value>30 s by default, from 1 s to 1 day. Each node adds up to one half at random.</value>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromSeconds(30);
}
