namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Where PostgreSQL's programs are.</summary>
internal static class PostgreSqlBinaries
{
    // Debian keeps the programs of a server out of the PATH, a folder a version.
    private const string Versions = "/usr/lib/postgresql";

    private static readonly string[] Needed = ["initdb", "postgres", "pg_basebackup"];

    /// <summary>Finds them.</summary>
    /// <returns>The folder: the first of the PATH that has them, or that of the newest version.</returns>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    public static string Find() =>
        Folders().FirstOrDefault(folder => Array.TrueForAll(Needed, program => File.Exists(Path.Combine(folder, program))))
        ?? throw new FileNotFoundException(
            $"A real PostgreSQL is needed, and there is none on the PATH nor in {Versions}. "
            + "Install it (on Debian: apt-get install postgresql), or run ./test, which does.");

    private static IEnumerable<string> Folders() =>
    [
        .. Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [],
        .. Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions).OrderByDescending(
                folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                    .Select(folder => Path.Combine(folder, "bin"))
            : [],
    ];
}
