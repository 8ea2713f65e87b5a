namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>The folder from which the tests were built.</summary>
public static class Repository
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "EventStream.sln"))
        ? folder.FullName
        : Find(
            folder.Parent
            ?? throw new DirectoryNotFoundException(
                $"No folder above {AppContext.BaseDirectory} has EventStream.sln: run the tests where they were built."));
}
