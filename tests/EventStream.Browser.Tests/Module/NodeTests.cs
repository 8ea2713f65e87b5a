using System.Text.RegularExpressions;

namespace EventStream.Browser.Tests.Module;

/// <summary>The module's own tests, in Node: each file of them is one test here.</summary>
public sealed partial class NodeTests
{
    public static TheoryData<string> Files =>
    [
        .. Directory.GetFiles(Path.Combine(Command.Folder, "tests"), "*.test.*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Command.Folder, path))
            .Order(),
    ];

    [Theory(Timeout = 150_000)]
    [MemberData(nameof(Files))]
    public async Task Tests_OfTheModule_Pass(string file)
    {
        var (code, output) = await Command.RunAsync("node", "--test", "--test-reporter=spec", file);

        code.Should().Be(0, "{0}", FailuresIn(output));
        output.Should().NotContain($"{file} (", "Node counts a file without a test as one that passed");
    }

    private static string FailuresIn(string output) =>
        Failing.Match(output) is { Success: true } failing ? failing.Groups[1].Value : output;

    // The reporter repeats the tests that failed, with their errors, at the end.
    [GeneratedRegex(@"✖ failing tests:\s*(.*)", RegexOptions.Singleline)]
    private static partial Regex Failing { get; }
}
