using EventStream.PostgreSql.Schema;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql;

/// <summary>
/// The tables of the log, as SQL: for those who run their own migrations, and set <see cref="PostgreSqlLogOptions.CreateSchema"/> to false.
/// </summary>
public static class PostgreSqlSchema
{
    /// <summary>The SQL that makes the schema and all that is in it, in one transaction.</summary>
    /// <remarks>
    /// It is run once, by a role that may create a schema in the database, and owns then what is in it. The role of the app needs
    /// <c>USAGE</c> on the schema, and <c>SELECT, INSERT, UPDATE, DELETE</c> on all its tables.
    /// </remarks>
    /// <param name="schema">The schema's name, as in <see cref="PostgreSqlLogOptions.Schema"/>; <c>eventstream</c> by default.</param>
    /// <exception cref="ArgumentException">It is no name for a schema.</exception>
    public static string Script(string schema = "eventstream") => MigrationList.Script(new SchemaName(schema));
}
