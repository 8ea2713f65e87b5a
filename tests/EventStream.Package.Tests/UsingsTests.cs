namespace EventStream.Package.Tests;

public sealed class UsingsTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("enable", true)]
    [InlineData("true", true)]
    [InlineData("disable", false)]
    public async Task Usings_OfAnApp_AreGivenWhereItHasThemImplicit(string implicitUsings, bool given)
    {
        var folder = Directory.CreateTempSubdirectory("eventstream-");
        try
        {
            await WriteProjectAsync(folder.FullName);

            var items = await DotNet.RunAsync(folder.FullName, "msbuild", "-getItem:Using", $"-p:ImplicitUsings={implicitUsings}");

            PackedLibrary.Ids.Should().OnlyContain(id => items.Contains($"\"Identity\": \"{id}\"", StringComparison.Ordinal) == given);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Usings_ThatTheProjectRemoves_AreNotGiven()
    {
        var folder = Directory.CreateTempSubdirectory("eventstream-");
        try
        {
            var removed = string.Concat(PackedLibrary.Ids.Select(id => $"<Using Remove=\"{id}\" />"));
            await WriteProjectAsync(folder.FullName, $"<ItemGroup>{removed}</ItemGroup>");

            var items = await DotNet.RunAsync(folder.FullName, "msbuild", "-getItem:Using", "-p:ImplicitUsings=enable");

            PackedLibrary.Ids.Should().NotContain(id => items.Contains($"\"Identity\": \"{id}\"", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What a package gives to a project is in these two files, which a restore imports.
    private static async Task WriteProjectAsync(string folder, string body = "")
    {
        var imports = "";
        foreach (var id in PackedLibrary.Ids)
        {
            var (own, transitive) = (await PropsAsync(id, "build"), await PropsAsync(id, "buildTransitive"));
            transitive.Should().Be(own, "who gets the package through another one has its usings too");
            await File.WriteAllTextAsync(Path.Combine(folder, $"{id}.props"), own);
            imports += $"<Import Project=\"{id}.props\" />";
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "App.proj"), $"<Project>{imports}{body}</Project>");
    }

    private static async Task<string> PropsAsync(string id, string path) =>
        (await new PackedLibrary(id).ReadXmlAsync($"{path}/{id}.props")).ToString();
}
