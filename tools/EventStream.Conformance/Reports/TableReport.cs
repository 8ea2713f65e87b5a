using System.Text;
using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Reports;

/// <summary>The report for people: a row for each check as it is made, then what the lacks are measured by.</summary>
internal sealed class TableReport(IReadOnlyList<Check> checks)
{
    private readonly int _width = checks.Max(check => check.Name.Length);

    public string Row(Finding finding) => $"{Word(finding.Outcome.Verdict)}  {finding.Name.PadRight(_width)}  {finding.Outcome.Seen}";

    public static string Sum(IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        var lacks = findings.Where(finding => finding.Outcome.Verdict == Verdict.Lack).DistinctBy(finding => finding.Rule).ToArray();
        if (lacks.Length > 0) text.AppendLine().AppendLine("The rules of what is lacking:");
        foreach (var lack in lacks) text.AppendLine().AppendLine($"{lack.Name}: {lack.Rule}");

        return text.AppendLine().Append($"{Count(Verdict.Pass)} passed, {Count(Verdict.Lack)} lacking, {Count(Verdict.Skip)} skipped")
            .ToString();

        int Count(Verdict verdict) => findings.Count(finding => finding.Outcome.Verdict == verdict);
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Lack => "LACK",
        _ => "skip",
    };
}
