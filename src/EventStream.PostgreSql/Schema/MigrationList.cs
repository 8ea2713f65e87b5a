using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Schema;

/// <summary>All steps of the schema. A step that was released is never changed: what is wrong in it is put right by the next.</summary>
internal static class MigrationList
{
    public static IReadOnlyList<Migration> All { get; } = [new(1, FirstVersion.Script)];

    /// <summary>All steps as one transaction, for somebody else to run.</summary>
    public static string Script(SchemaName schema) =>
        $"""
         BEGIN;

         CREATE SCHEMA IF NOT EXISTS {schema};

         {string.Join("\n\n", All.Select(migration => migration.Script(schema)))}

         UPDATE {schema}.meta SET version = {All[^1].Version};

         COMMIT;
         """;
}
