using System.Text.Json;

namespace EventStream.Chat.Tests;

public sealed class BundleTests
{
    [Fact(Timeout = 30_000)]
    public async Task Packages_OfTheBundle_ArePinnedAndTheirLicencesAreBesideIt()
    {
        var package = await File.ReadAllBytesAsync(Repository.PathOf("samples", "Chat", "bundle", "package.json"));
        var licences = await File.ReadAllTextAsync(Repository.PathOf("samples", "Chat", "wwwroot", "lib", "LICENSES.txt"));

        var packages = JsonDocument.Parse(package).RootElement.GetProperty("dependencies").EnumerateObject()
            .Select(dependency => $"{dependency.Name}@{dependency.Value}");

        packages.Should().HaveCount(6).And.OnlyContain(name => licences.Contains($"===== {name}, "));
    }

    [Fact(Timeout = 30_000)]
    public async Task Glue_InTheReadme_IsTheSamplesAndAtMostFifteenLines()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("samples", "Chat", "README.md"));
        var sources = await Task.WhenAll(
            new[] { "Program.cs", "Conversations/AnswerEndpoints.cs" }
                .Select(file => File.ReadAllTextAsync(Repository.PathOf("samples", "Chat", file))));
        var source = sources.SelectMany(text => text.Split('\n')).Select(line => line.Trim()).ToHashSet();

        var block = readme.Split("```cs\n")[1].Split("```")[0];
        var lines = block.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList();

        lines.Should().HaveCountLessThanOrEqualTo(15).And.OnlyContain(line => source.Contains(line));
    }
}
