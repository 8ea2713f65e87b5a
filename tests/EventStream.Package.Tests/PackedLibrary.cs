using System.IO.Compression;

namespace EventStream.Package.Tests;

/// <summary>The package and its symbols as the build of this project packed them.</summary>
internal static class PackedLibrary
{
    public const string Id = "EventStream.AspNetCore";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "packages");

    public static string Version { get; } = Path.GetFileNameWithoutExtension(Newest("nupkg"))[(Id.Length + 1)..];

    public static ZipArchive OpenPackage() => ZipFile.OpenRead(Newest("nupkg"));

    public static ZipArchive OpenSymbols() => ZipFile.OpenRead(Newest("snupkg"));

    public static async Task<MemoryStream> ReadAsync(this ZipArchive archive, string path)
    {
        var content = new MemoryStream();
        await using var entry = await archive.GetEntry(path)!.OpenAsync();
        await entry.CopyToAsync(content);
        content.Position = 0;
        return content;
    }

    // An older version may lie beside it from before the version was raised.
    private static string Newest(string extension) =>
        new DirectoryInfo(Folder).GetFiles($"{Id}.*.{extension}").MaxBy(file => file.LastWriteTimeUtc)!.FullName;
}
