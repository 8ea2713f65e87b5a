namespace EventStream.PostgreSql.Database;

/// <summary>
/// The server, or the tables, are not those whose identity was checked. Never leaves the package: the identity is checked, and the work
/// done again.
/// </summary>
internal sealed class FingerprintException : Exception;
