namespace EventStream.PostgreSql.Database;

/// <summary>The server or the tables are not those whose identity was checked.</summary>
/// <remarks>It never leaves the package: the node checks the identity, and repeats the work.</remarks>
internal sealed class FingerprintException : Exception;
