using System.IO.Compression;
using System.Xml.Linq;

namespace EventStream.Package.Tests;

/// <summary>A package and its symbols as the build of this project packed them.</summary>
internal sealed class PackedLibrary(string id)
{
    public static IReadOnlyList<string> Ids { get; } =
    [
        "EventStream.AI",
        "EventStream.AspNetCore",
        "EventStream.Client",
        "EventStream.PostgreSql",
        "EventStream.Testing",
        "EventStream.Testing.Logs",
    ];

    /// <summary>The libraries, the module for browsers, and the tool.</summary>
    public static IReadOnlyList<string> AllIds { get; } = [.. Ids, "EventStream.Browser", "EventStream.Conformance"];

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "packages");

    public string Version => Path.GetFileNameWithoutExtension(Newest("nupkg"))[(id.Length + 1)..];

    /// <summary>The files that are the package's own; the rest is the wrapping that every package has.</summary>
    public IReadOnlyList<string> Files => FilesOf("nupkg");

    public IReadOnlyList<string> SymbolFiles => FilesOf("snupkg");

    public Task<XDocument> ReadNuspecAsync() => ReadXmlAsync($"{id}.nuspec");

    public async Task<XDocument> ReadXmlAsync(string path)
    {
        using var text = await ReadAsync(path);
        return XDocument.Load(text);
    }

    public async Task<MemoryStream> ReadAsync(string path)
    {
        await using var package = await ZipFile.OpenReadAsync(Newest("nupkg"));
        await using var entry = await package.GetEntry(path)!.OpenAsync();
        var content = new MemoryStream();
        await entry.CopyToAsync(content);
        content.Position = 0;
        return content;
    }

    private IReadOnlyList<string> FilesOf(string extension)
    {
        using var archive = ZipFile.OpenRead(Newest(extension));
        return
        [
            .. archive.Entries
                .Select(entry => entry.FullName)
                .Where(
                    path => !path.StartsWith("_rels/", StringComparison.Ordinal) && !path.StartsWith("package/", StringComparison.Ordinal))
                .Except(["[Content_Types].xml", $"{id}.nuspec"]),
        ];
    }

    // An older version may lie beside it from before the version was raised; and another package's name may begin with this one's.
    private string Newest(string extension) => new DirectoryInfo(Folder)
        .GetFiles($"{id}.*.{extension}")
        .Where(file => char.IsAsciiDigit(file.Name[id.Length + 1]))
        .MaxBy(file => file.LastWriteTimeUtc)!.FullName;
}
