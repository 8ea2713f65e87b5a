using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace EventStream.Package.Tests;

public sealed class PackageTests
{
    // More than that is refused where packages are published.
    private const int LongestReleaseNotes = 35_000;

    public static TheoryData<string> Ids => [.. PackedLibrary.Ids];

    public static TheoryData<string> AllIds => [.. PackedLibrary.AllIds];

    [Fact(Timeout = 30_000)]
    public async Task Packages_OfTheRepository_AreThoseThatAreTested()
    {
        var packed = Directory.GetFiles(PackedLibrary.Folder, "EventStream.*.snupkg")
            .Select(path => Path.GetFileName(path).Split(".0.")[0]);

        packed.Distinct().Should().BeEquivalentTo(PackedLibrary.Ids);
    }

    [Fact(Timeout = 30_000)]
    public async Task Projects_WithAPageOfTheirOwn_AreThePackagesThatAreTested()
    {
        var projects = new[] { "src", "tools" }.SelectMany(folder => Directory.GetDirectories(Repository.PathOf(folder)))
            .Where(folder => File.Exists(Path.Combine(folder, "README.md")))
            .Select(folder => Path.GetFileName(folder));

        projects.Should().BeEquivalentTo(PackedLibrary.AllIds);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ids))]
    public async Task Package_Content_IsTheLibraryItsDocsAndItsUsings(string id) => new PackedLibrary(id).Files.Should().BeEquivalentTo(
        "README.md", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", $"build/{id}.props", $"buildTransitive/{id}.props");

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ids))]
    public async Task Symbols_Content_IsThePdb(string id) =>
        new PackedLibrary(id).SymbolFiles.Should().BeEquivalentTo($"lib/net10.0/{id}.pdb");

    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.AspNetCore", "Microsoft.AspNetCore.App")]
    [InlineData("EventStream.Client")]
    public async Task Nuspec_Dependencies_AreTheFrameworkAlone(string id, params string[] frameworks)
    {
        var nuspec = await new PackedLibrary(id).ReadNuspecAsync();

        Elements(nuspec, "dependency").Should().BeEmpty();
        Elements(nuspec, "frameworkReference").Attributes("name").Select(name => name.Value).Should().Equal(frameworks);
    }

    [Fact(Timeout = 30_000)]
    public async Task Nuspec_DependenciesOfTheLogOnPostgreSql_AreTheLibraryAndNpgsql()
    {
        var nuspec = await new PackedLibrary("EventStream.PostgreSql").ReadNuspecAsync();

        Elements(nuspec, "dependency").Attributes("id").Select(id => id.Value).Should().BeEquivalentTo("EventStream.AspNetCore", "Npgsql");
        Elements(nuspec, "frameworkReference").Attributes("name").Select(name => name.Value).Should().Equal("Microsoft.AspNetCore.App");
    }

    [Fact(Timeout = 30_000)]
    public async Task Nuspec_DependenciesOfThePackageForModels_AreTheLibraryAndTheAbstractions()
    {
        var nuspec = await new PackedLibrary("EventStream.AI").ReadNuspecAsync();

        Elements(nuspec, "dependency").Attributes("id").Select(id => id.Value)
            .Should().BeEquivalentTo("EventStream.AspNetCore", "Microsoft.Extensions.AI.Abstractions");
        Elements(nuspec, "frameworkReference").Attributes("name").Select(name => name.Value).Should().Equal("Microsoft.AspNetCore.App");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.Testing")]
    [InlineData("EventStream.Testing.Logs")]
    public async Task Nuspec_DependencyOfAPackageForTests_IsTheLibraryAlone(string id)
    {
        var nuspec = await new PackedLibrary(id).ReadNuspecAsync();

        Elements(nuspec, "dependency").Attributes("id").Select(id => id.Value).Should().Equal("EventStream.AspNetCore");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(AllIds))]
    public async Task Nuspec_Metadata_NamesWhoAndWhat(string id)
    {
        var nuspec = await new PackedLibrary(id).ReadNuspecAsync();

        string ValueOf(string element) => Elements(nuspec, element).Should().ContainSingle().Which.Value;
        ValueOf("id").Should().Be(id);
        ValueOf("license").Should().Be("MIT");
        ValueOf("readme").Should().Be("README.md");
        ValueOf("icon").Should().Be("icon.png");
        ValueOf("authors").Should().Be("EventStream contributors");
        ValueOf("description").Should().Contain("Server-Sent Events");
        ValueOf("tags").Split(' ').Should().Contain(["sse", "server-sent-events", "event-stream"]).And.OnlyHaveUniqueItems();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(AllIds))]
    public async Task Nuspec_ReleaseNotes_AreASectionOfTheChangelog(string id)
    {
        var changelog = await File.ReadAllTextAsync(Repository.PathOf("CHANGELOG.md"));
        var nuspec = await new PackedLibrary(id).ReadNuspecAsync();

        var notes = Elements(nuspec, "releaseNotes").Should().ContainSingle().Which.Value;

        notes.Should().NotBeEmpty().And.NotContain("\n## ").And.Match(text => text.Length <= LongestReleaseNotes);
        changelog.ReplaceLineEndings("\n").Should().Contain($"]\n\n{notes.ReplaceLineEndings("\n")}\n");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(AllIds))]
    public async Task Icon_OfThePackage_IsThePngOfTheRepository(string id)
    {
        using var icon = await new PackedLibrary(id).ReadAsync("icon.png");

        icon.ToArray().Should().Equal(await File.ReadAllBytesAsync(Repository.PathOf("assets", "icon.png")));
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ids))]
    public async Task Nuspec_RepositoryUrl_IsNoPathOfTheMachineThatPacked(string id)
    {
        var nuspec = await new PackedLibrary(id).ReadNuspecAsync();

        Elements(nuspec, "repository").Attributes("url")
            .Should().NotContain(url => !url.Value.StartsWith("https://", StringComparison.Ordinal));
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ids))]
    public async Task Documentation_OfThePackage_CoversEveryPublicType(string id)
    {
        using var assembly = new PEReader(await new PackedLibrary(id).ReadAsync($"lib/net10.0/{id}.dll"));
        var documentation = await new PackedLibrary(id).ReadXmlAsync($"lib/net10.0/{id}.xml");

        var members = documentation.Descendants("member").Select(member => member.Attribute("name")!.Value);

        PublicTypesOf(assembly.GetMetadataReader()).Should().NotBeEmpty().And.BeSubsetOf(members);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Ids))]
    public async Task Assembly_OfThePackage_IsDeterministic(string id)
    {
        using var assembly = new PEReader(await new PackedLibrary(id).ReadAsync($"lib/net10.0/{id}.dll"));

        assembly.ReadDebugDirectory().Should().Contain(entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    private static IEnumerable<XElement> Elements(XDocument nuspec, string name) =>
        nuspec.Descendants().Where(element => element.Name.LocalName == name);

    private static IEnumerable<string> PublicTypesOf(MetadataReader assembly) => assembly.TypeDefinitions
        .Select(assembly.GetTypeDefinition)
        .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
        .Select(type => $"T:{assembly.GetString(type.Namespace)}.{assembly.GetString(type.Name)}");
}
