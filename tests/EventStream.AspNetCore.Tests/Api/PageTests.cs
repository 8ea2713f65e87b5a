using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The code on the pages, each block as it stands there.</summary>
public sealed partial class PageTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("docs/diagnostics.md", 1)]
    [InlineData("docs/get-started.md", 2)]
    [InlineData("docs/guides/channels.md", 8)]
    [InlineData("docs/guides/configure.md", 1)]
    [InlineData("docs/guides/move-over.md", 2)]
    [InlineData("docs/guides/negotiate.md", 1)]
    [InlineData("docs/guides/read-in-process.md", 3)]
    [InlineData("docs/guides/recover-from-gaps.md", 1)]
    [InlineData("docs/guides/stream-an-answer.md", 1)]
    [InlineData("docs/postgresql.md", 5)]
    [InlineData("docs/reference/protocols.md", 6)]
    [InlineData("src/EventStream.AspNetCore/README.md", 2)]
    [InlineData("src/EventStream.PostgreSql/README.md", 2)]
    public async Task Code_OfAPage_CompilesWithoutAComplaint(string page, int blocks)
    {
        var code = CSharpBlock().Matches(await File.ReadAllTextAsync(Repository.PathOf(page))).Select(block => block.Groups[1].Value)
            .ToArray();

        code.Should().HaveCount(blocks);
        code.SelectMany(block => Compile(block).Complaints).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task BlazorPage_OfThePageAboutReading_CompilesWithoutAComplaint()
    {
        var page = BlazorCode().Match(await File.ReadAllTextAsync(Repository.PathOf("docs/guides/read-in-process.md"))).Groups[1].Value;

        page.Should().Contain("ReadAsync(");
        Snippet.Types($$"""
            class Page : Microsoft.AspNetCore.Components.ComponentBase, IDisposable
            {
                [Microsoft.AspNetCore.Components.Inject] EventStreamHub Hub { get; set; } = null!;
                {{page}}
            }
            """).Complaints.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Tests_OfTheKitsReadme_CompileWithoutAComplaint()
    {
        var code = CSharpBlock().Matches(await File.ReadAllTextAsync(Repository.PathOf("src/EventStream.Testing/README.md")));

        code.Should().HaveCount(2);
        code.SelectMany(block => Snippet.Test(block.Groups[1].Value).Complaints).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Tests_OfThePageAboutTesting_CompileWithoutAComplaint()
    {
        var code = CSharpBlock().Matches(await File.ReadAllTextAsync(Repository.PathOf("docs/testing.md")))
            .Select(block => block.Groups[1].Value).ToArray();

        code.Should().HaveCount(7);
        var (tests, types) = (code.Where(block => !IsType(block)).ToArray(), code.Where(IsType).ToArray());
        tests.SelectMany(block => Snippet.Test(block).Complaints).Should().BeEmpty();
        var usings = "using System.Data.Common; using EventStream.Testing; using FluentAssertions; using Xunit;";
        Snippet.Types(usings + string.Concat(types)).Complaints.Should().BeEmpty();

        static bool IsType(string block) => block.StartsWith("public sealed class", StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task Log_OfThePageAboutLogs_CompilesWithItsTests()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs/guides/write-a-log.md"));

        var code = CSharpBlock().Matches(page).Select(block => block.Groups[1].Value).ToArray();

        code.Should().HaveCount(5);
        var (types, registration) = (string.Concat([.. code[..3], code[4]]), code[3]);
        Snippet.Types($"using EventStream.Testing.Logs; using Xunit; {types} class App {{ void Run() {{ {registration} }} }}")
            .Complaints.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Code_OfTheReadme_CompilesWithoutAComplaint()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"));

        var code = CSharpBlock().Matches(readme).Select(block => block.Groups[1].Value).Where(block => !IsOfTheClient(block)).ToArray();

        code.Should().HaveCount(6);
        code.SelectMany(block => Compile(block).Complaints).Should().BeEmpty();

        static bool IsOfTheClient(string block) => block.Contains(".ReadEventStreamAsync(", StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task Code_OfTheClientsPage_CompilesWithoutAComplaint()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs/client.md"));

        var programs = CSharpBlock().Matches(page).Select(block => GivenToClients.Usings + block.Groups[1].Value).ToArray();

        programs.Should().HaveCount(7);
        programs.SelectMany(program => Snippet.Program(program).Complaints).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("README.md")]
    [InlineData("src/EventStream.Client/README.md")]
    public async Task Client_OfAReadme_CompilesWithoutAComplaint(string page)
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf(page));

        var code = CSharpBlock().Matches(readme).Select(block => block.Groups[1].Value)
            .Single(block => block.Contains(".ReadEventStreamAsync("));

        Snippet.Program(GivenToClients.Usings + code).Complaints.Should().BeEmpty();
    }

    /// <summary>A block is a whole program, actions of an MVC controller, or statements.</summary>
    private static Snippet Compile(string block) =>
        block.Contains("WebApplication.CreateBuilder(args)", StringComparison.Ordinal) ? Snippet.Program(block)
        : block.StartsWith("[Http", StringComparison.Ordinal) ? Snippet.Member(block)
        : Snippet.Statement(block);

    [GeneratedRegex("```razor\n.*?@code {(.*?)\n}\n```", RegexOptions.Singleline)]
    private static partial Regex BlazorCode();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
