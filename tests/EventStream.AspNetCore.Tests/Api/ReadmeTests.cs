using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

public sealed partial class ReadmeTests
{
    [Fact(Timeout = 30_000)]
    public async Task FirstProgram_OfTheReadme_CompilesWithoutAComplaint()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"));

        var program = CSharpBlock().Match(readme).Groups[1].Value;

        program.Should().Contain("Results.EventStream(");
        Snippet.Program(program).Complaints.Should().BeEmpty();
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
