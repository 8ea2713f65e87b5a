using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Schema;

/// <summary>A step that upgrades the schema from the previous version.</summary>
/// <param name="Version">The version after the step; version 1 creates the schema's tables.</param>
/// <param name="Script">Returns the statements for a schema's name.</param>
internal sealed record Migration(int Version, Func<SchemaName, string> Script);
