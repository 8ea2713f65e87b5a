namespace EventStream.PostgreSql.Database;

/// <summary>The kinds of work that the package does with the database.</summary>
internal enum LogWork
{
    Append,
    Read,
    Follow,
    Outbox,
    Run,
    Retention,
}
