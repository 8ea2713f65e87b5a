using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Reports;

namespace EventStream.Conformance;

/// <summary>The command.</summary>
internal static class Tool
{
    public const int NothingLacks = 0;
    public const int SomethingLacks = 1;
    public const int NotExamined = 2;

    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        if (words.Any(word => word is "--help" or "-h" or "-?"))
        {
            await output.WriteLineAsync(HelpText.Write());
            return NothingLacks;
        }

        try
        {
            var settings = CommandLine.Parse(words);
            var findings = settings.IsJson ? await WriteJsonAsync(settings, output) : await WriteTableAsync(settings, output);
            return findings.Exists(finding => finding.Outcome.Verdict == Verdict.Lack) ? SomethingLacks : NothingLacks;
        }
        catch (UsageException usage)
        {
            await error.WriteLineAsync(usage.Message);
            return NotExamined;
        }
    }

    private static async Task<List<Finding>> WriteJsonAsync(Settings settings, TextWriter output)
    {
        var findings = await Examination.RunAsync(settings).ToListAsync();
        await output.WriteLineAsync(JsonReport.Write(settings, findings));
        return findings;
    }

    private static async Task<List<Finding>> WriteTableAsync(Settings settings, TextWriter output)
    {
        var table = new TableReport(Examination.Checks(settings));
        var findings = new List<Finding>();
        await foreach (var finding in Examination.RunAsync(settings))
        {
            findings.Add(finding);
            await output.WriteLineAsync(table.Row(finding));
        }

        await output.WriteLineAsync(TableReport.Sum(findings));
        return findings;
    }
}
