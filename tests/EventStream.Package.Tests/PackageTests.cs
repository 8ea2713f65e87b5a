using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace EventStream.Package.Tests;

public sealed class PackageTests
{
    [Fact(Timeout = 30_000)]
    public void Package_Content_IsTheLibraryItsDocsAndItsUsings()
    {
        using var package = PackedLibrary.OpenPackage();

        FilesOf(package).Should().BeEquivalentTo(
            "README.md",
            "lib/net10.0/EventStream.AspNetCore.dll",
            "lib/net10.0/EventStream.AspNetCore.xml",
            "build/EventStream.AspNetCore.props",
            "buildTransitive/EventStream.AspNetCore.props");
    }

    [Fact(Timeout = 30_000)]
    public void Symbols_Content_IsThePdb()
    {
        using var symbols = PackedLibrary.OpenSymbols();

        FilesOf(symbols).Should().BeEquivalentTo("lib/net10.0/EventStream.AspNetCore.pdb");
    }

    [Fact(Timeout = 30_000)]
    public async Task Nuspec_Dependencies_AreTheFrameworkAlone()
    {
        var nuspec = await ReadNuspecAsync();

        Elements(nuspec, "dependency").Should().BeEmpty();
        Elements(nuspec, "frameworkReference").Should().ContainSingle().Which.Attribute("name")!.Value.Should().Be("Microsoft.AspNetCore.App");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("id", PackedLibrary.Id)]
    [InlineData("license", "MIT")]
    [InlineData("readme", "README.md")]
    [InlineData("authors", "EventStream contributors")]
    public async Task Nuspec_Metadata_SaysWhoAndWhat(string element, string value)
    {
        var nuspec = await ReadNuspecAsync();

        Elements(nuspec, element).Should().ContainSingle().Which.Value.Should().Be(value);
    }

    [Fact(Timeout = 30_000)]
    public async Task Nuspec_RepositoryUrl_IsNoPathOfTheMachineThatPacked()
    {
        var nuspec = await ReadNuspecAsync();

        Elements(nuspec, "repository").Attributes("url").Should().NotContain(url => !url.Value.StartsWith("https://", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task Documentation_OfThePackage_CoversTheMessage()
    {
        using var package = PackedLibrary.OpenPackage();
        using var text = await package.ReadAsync("lib/net10.0/EventStream.AspNetCore.xml");

        var members = XDocument.Load(text).Descendants("member").Select(member => member.Attribute("name")!.Value);

        members.Should().Contain(["T:EventStream.AspNetCore.EventStreamMessage", "P:EventStream.AspNetCore.EventStreamMessage.Id"]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Assembly_OfThePackage_IsDeterministic()
    {
        using var package = PackedLibrary.OpenPackage();
        using var assembly = new PEReader(await package.ReadAsync("lib/net10.0/EventStream.AspNetCore.dll"));

        assembly.ReadDebugDirectory().Should().Contain(entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    // The rest is the wrapping that every package has.
    private static IEnumerable<string> FilesOf(ZipArchive archive) => archive.Entries
        .Select(entry => entry.FullName)
        .Where(path => !path.StartsWith("_rels/", StringComparison.Ordinal) && !path.StartsWith("package/", StringComparison.Ordinal))
        .Except(["[Content_Types].xml", $"{PackedLibrary.Id}.nuspec"]);

    private static IEnumerable<XElement> Elements(XDocument nuspec, string name) => nuspec.Descendants().Where(element => element.Name.LocalName == name);

    private static async Task<XDocument> ReadNuspecAsync()
    {
        using var package = PackedLibrary.OpenPackage();
        using var text = await package.ReadAsync($"{PackedLibrary.Id}.nuspec");
        return XDocument.Load(text);
    }
}
