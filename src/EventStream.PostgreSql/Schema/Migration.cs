using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Schema;

/// <summary>One step of the schema: from the version before it to its own.</summary>
/// <param name="Version">The version that the schema has then; 1 makes it.</param>
/// <param name="Script">The statements, by the schema's name.</param>
internal sealed record Migration(int Version, Func<SchemaName, string> Script);
