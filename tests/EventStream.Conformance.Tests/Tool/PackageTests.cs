using System.IO.Compression;
using System.Xml.Linq;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>The package of the tool, as the build of this project packed it.</summary>
public sealed class PackageTests
{
    [Fact(Timeout = 30_000)]
    public async Task Package_OfTheTool_HasTheCommand()
    {
        var settings = await ReadAsync("tools/net10.0/any/DotnetToolSettings.xml");

        var command = settings.Descendants("Command").Should().ContainSingle().Which;
        command.Attribute("Name")!.Value.Should().Be("sse-conformance");
        command.Attribute("EntryPoint")!.Value.Should().Be("EventStream.Conformance.dll");
    }

    [Fact(Timeout = 30_000)]
    public async Task Package_OfTheTool_DependsOnNothingAndReportsWhatItIs()
    {
        var metadata = (await ReadAsync("EventStream.Conformance.nuspec")).Descendants().ToLookup(element => element.Name.LocalName);

        metadata["dependency"].Should().BeEmpty();
        metadata["packageType"].Should().ContainSingle().Which.Attribute("name")!.Value.Should().Be("DotnetTool");
        metadata["readme"].Should().ContainSingle().Which.Value.Should().Be("README.md");
    }

    [Fact(Timeout = 30_000)]
    public void Package_OfTheTool_HasNoOtherAssembly()
    {
        using var package = Open();

        package.Entries.Where(entry => entry.Name.EndsWith(".dll", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Name.Should().Be("EventStream.Conformance.dll");
    }

    private static async Task<XDocument> ReadAsync(string path)
    {
        using var package = Open();
        await using var text = await package.GetEntry(path)!.OpenAsync();
        return XDocument.Load(text);
    }

    // An older version may lie beside it from before the version was raised.
    private static ZipArchive Open() =>
        ZipFile.OpenRead(
            new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "packages")).GetFiles("EventStream.Conformance.*.nupkg")
                .MaxBy(file => file.LastWriteTimeUtc)!.FullName);
}
