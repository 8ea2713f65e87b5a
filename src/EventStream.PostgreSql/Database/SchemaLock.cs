using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>The lock under which one node at a time looks at the schema and its identity; held until the transaction ends.</summary>
internal static class SchemaLock
{
    public static async ValueTask TakeAsync(NpgsqlConnection connection, SchemaName schema, CancellationToken cancellationToken)
    {
        // Who waits for another node's migration waits as long as that takes.
        await using var command = new NpgsqlCommand(SessionSql.Lock, connection) { CommandTimeout = 0, Parameters = { new NpgsqlParameter<string> { TypedValue = NameOf(schema, "schema") } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Advisory locks are one space a database, so their names are long.</summary>
    public static string NameOf(SchemaName schema, string purpose) => $"EventStream.PostgreSql/{schema.Text}/{purpose}";
}
