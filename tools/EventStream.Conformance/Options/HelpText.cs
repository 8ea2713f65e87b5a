using System.Text;

namespace EventStream.Conformance.Options;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    public static string Write()
    {
        var text = new StringBuilder("""
            Reports what a server of Server-Sent Events does, and what it lacks.

              sse-conformance <url> [options]

            <url> is any stream of the server. The other endpoints make more checks possible; each is a URL, or a path on the same server:


            """);
        foreach (var role in Role.All) text.AppendLine(Row($"{role.Option} <url>", role.What));
        text.AppendLine().AppendLine("The server:").AppendLine()
            .AppendLine(Row("--start <command>", "starts the server first, ends it by SIGTERM last, and checks how it stops"))
            .AppendLine(Row("--header \"<n>: <v>\"", "a header of every request; may be given again"))
            .AppendLine().AppendLine("The most time, as 200ms, 20s or 2m:").AppendLine();
        foreach (var limit in Limit.All)
        {
            text.AppendLine(Row($"{limit.Option} <time>", $"{limit.What} ({Duration.Show(limit.Get(new()))})"));
        }

        return text.AppendLine().AppendLine("The report:").AppendLine()
            .AppendLine(Row("--json", "as JSON instead of a table"))
            .AppendLine().Append(
                "The exit code is 0 if nothing is lacking, 1 if something is, 2 if the examination was not possible.").ToString();
    }

    private static string Row(string option, string what) => $"  {option,-22}{what}";
}
