using System.Text.Json;

namespace EventStream.AI.Tests.RealClients;

public sealed class VersionTests
{
    [Fact(Timeout = 30_000)]
    public async Task Versions_OfTheClients_AreNamedInTheGuide()
    {
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "guides", "stream-an-answer.md"));
        var package = await File.ReadAllBytesAsync(
            Repository.PathOf("tests", "EventStream.AI.Tests", "Clients", "lib", "package.json"));
        var openAI = typeof(OpenAI.OpenAIClient).Assembly.GetName().Version!.ToString(3);

        var versions = JsonDocument.Parse(package).RootElement.GetProperty("dependencies").EnumerateObject()
            .Select(client => $"{client.Name}@{client.Value}");

        versions.Should().HaveCount(3).And.OnlyContain(version => guide.Contains(version));
        guide.Should().Contain($"`OpenAI` {openAI}");
    }
}
