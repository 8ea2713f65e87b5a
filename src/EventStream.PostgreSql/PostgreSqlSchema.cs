using EventStream.PostgreSql.Schema;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql;

/// <summary>The tables of the log, as SQL.</summary>
/// <remarks>For apps that run their own migrations, and set <see cref="PostgreSqlLogOptions.CreateSchema"/> to false.</remarks>
public static class PostgreSqlSchema
{
    /// <summary>Returns the SQL that creates the schema and its tables, in one transaction.</summary>
    /// <remarks>
    /// Run it once, as a role that may create a schema in the database; that role then owns the tables. The app's role needs <c>USAGE</c>
    /// on the schema, and <c>SELECT, INSERT, UPDATE, DELETE</c> on all its tables.
    /// </remarks>
    /// <param name="schema">The schema's name, as in <see cref="PostgreSqlLogOptions.Schema"/>; <c>eventstream</c> by default.</param>
    /// <exception cref="ArgumentException">The name cannot be that of a schema.</exception>
    public static string Script(string schema = "eventstream") => MigrationList.Script(new SchemaName(schema));
}
