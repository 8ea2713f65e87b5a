namespace EventStream.PostgreSql.Sql;

/// <summary>The six characters of an epoch that are chance, as the app draws them.</summary>
internal static class ChanceSql
{
    /// <summary>Draws them for a row.</summary>
    /// <param name="column">A column of the row that is not null: without one they would be drawn once for all rows.</param>
    public static string DrawFor(string column) =>
        $"""
         (
             SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + floor(random() * 32)::int, 1), '')
             FROM generate_series(1, 6) WHERE {column} IS NOT NULL
         )
         """;
}
