namespace EventStream.PostgreSql.Sql;

/// <summary>Draws the six random characters of an epoch, as the app does.</summary>
internal static class RandomSql
{
    /// <summary>Draws them for a row.</summary>
    /// <param name="column">A column of the row that is not null. Without it, PostgreSQL would draw once for all rows.</param>
    public static string DrawFor(string column) =>
        $"""
         (
             SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + floor(random() * 32)::int, 1), '')
             FROM generate_series(1, 6) WHERE {column} IS NOT NULL
         )
         """;
}
