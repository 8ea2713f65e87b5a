using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Schema;

/// <summary>All migrations of the schema.</summary>
/// <remarks>A released migration is never changed. A later one corrects its mistakes.</remarks>
internal static class MigrationList
{
    public static IReadOnlyList<Migration> All { get; } = [new(1, FirstVersion.Script)];

    /// <summary>All migrations as one transaction, for an operator to run.</summary>
    public static string Script(SchemaName schema) =>
        $"""
         BEGIN;

         CREATE SCHEMA IF NOT EXISTS {schema};

         {string.Join("\n\n", All.Select(migration => migration.Script(schema)))}

         UPDATE {schema}.meta SET version = {All[^1].Version};

         COMMIT;
         """;
}
