namespace EventStream.Package.Tests;

/// <summary>What the author of a log does: a class that opens it, the one package, and every rule.</summary>
public sealed class NewLogTests(NewLog app) : IClassFixture<NewLog>
{
    [Fact(Timeout = 120_000)]
    public async Task LogOfThePage_ByThePackage_KeepsEveryRuleAndABrokenOneGetsAnExplanation()
    {
        var output = await DotNet.RunAsync(app.Folder, app.Assembly);

        var kept = output.ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith("kept: ")).ToArray();
        kept.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(50).And.Contain("kept: Append_OnTwoNodes_NumbersFromOneInTheirOrder");
        output.Should().Contain("expected: ['3', '4']").And.Contain("the log:  ['1', '2', '3', '4']");
    }
}
