using System.Text.Json;
using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Reports;

namespace EventStream.Conformance.Tests.Tool.Reports;

public sealed class ReportTests
{
    private static readonly Finding[] Findings =
    [
        new("status", "200 is asked for.", Outcome.Pass("200")),
        new("leave /a", "It ends.", Outcome.Lack("it still ran")),
        new("leave /b", "It ends.", Outcome.Lack("it ran 'on'")),
        new("shutdown", "Soon.", Outcome.Skip("give --start")),
    ];

    [Theory(Timeout = 30_000)]
    [InlineData(0, "pass  status  200")]
    [InlineData(1, "LACK  leave /a  it still ran")]
    [InlineData(3, "skip  shutdown  give --start")]
    public void Row_Finding_IsOneLine(int finding, string row) => new TableReport([new Head()]).Row(Findings[finding]).Should().Be(row);

    [Fact(Timeout = 30_000)]
    public void Row_ShortName_IsAsWideAsTheLongest() =>
        new TableReport([new Head(), new Evicted()]).Row(Findings[0]).Should().Be("pass  status              200");

    [Fact(Timeout = 30_000)]
    public void Sum_Lacks_EachRuleOnce() =>
        TableReport.Sum(Findings).ReplaceLineEndings("\n")
            .Should().Be("\nThe rules of what is lacking:\n\nleave /a: It ends.\n\n1 passed, 2 lacking, 1 skipped");

    [Fact(Timeout = 30_000)]
    public void Sum_NothingLacks_NoRule() =>
        TableReport.Sum(Findings[..1]).ReplaceLineEndings("\n").Should().Be("\n1 passed, 0 lacking, 0 skipped");

    [Fact(Timeout = 30_000)]
    public void Json_Findings_AreThereForPrograms()
    {
        using var report = JsonDocument.Parse(JsonReport.Write(new Settings(new("http://localhost/events")), Findings));

        report.RootElement.GetProperty("url").GetString().Should().Be("http://localhost/events");
        var rows = report.RootElement.GetProperty("checks").EnumerateArray()
            .Select(row => string.Join('|', row.EnumerateObject().Select(property => $"{property.Name}={property.Value.GetString()}")));
        rows.Should().Equal(
            "name=status|verdict=pass|seen=200|rule=200 is asked for.",
            "name=leave /a|verdict=lack|seen=it still ran|rule=It ends.",
            "name=leave /b|verdict=lack|seen=it ran 'on'|rule=It ends.",
            "name=shutdown|verdict=skip|seen=give --start|rule=Soon.");
    }
}
