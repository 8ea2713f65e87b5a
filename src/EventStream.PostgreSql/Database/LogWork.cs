namespace EventStream.PostgreSql.Database;

/// <summary>What the package does with the database.</summary>
internal enum LogWork
{
    Append,
    Read,
    Follow,
    Outbox,
    Retention,
}
