using System.Text.Json;

namespace EventStream.Conformance.Tests.Tool.Subjects;

/// <summary>One of the two servers as a process, and the tool's report about it.</summary>
/// <remarks>The tool examines it once for all tests of a class.</remarks>
public abstract class Examined(string server, params string[] options) : IAsyncLifetime
{
    // The sum of what the checks may wait for, and a machine that is busy.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly string[] Roles =
    [
        "--silent", "/silent", "--finite", "/finite", "--fault", "/fault", "--flood", "/flood", "--echo-id", "/echo", "--comment",
        "/comment",
        "--id-only", "/id-only", "--post", "/posted", "--subscribe", "/news", "--publish", "/news", "--cached", "/cached",
        "--sources", "/sources", "--leave", "/leave/items", "--leave", "/leave/text", "--leave", "/leave/values",
    ];

    public int ExitCode { get; private set; }

    /// <summary>By the check's name: its verdict, and what was seen.</summary>
    public IReadOnlyDictionary<string, (string Verdict, string Seen)> Findings { get; private set; } =
        new Dictionary<string, (string, string)>();

    public async ValueTask InitializeAsync()
    {
        var address = $"http://127.0.0.1:{FreePort.Find()}/";
        var program = Path.Combine(AppContext.BaseDirectory, "ConformanceSubjects.dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using var output = new StringWriter();
        using var error = new StringWriter();
        ExitCode = await Conformance.Tool.RunAsync(
            [address, "--json", "--start", $"'{dotnet}' '{program}' {server} {address}", .. Roles, .. options],
            output,
            error).WaitAsync(Limit);
        if (ExitCode == Conformance.Tool.NotExamined) throw new InvalidOperationException(error.ToString());
        using var report = JsonDocument.Parse(output.ToString());
        Findings = report.RootElement.GetProperty("checks").EnumerateArray()
            .ToDictionary(Text("name"), row => (Text("verdict")(row), Text("seen")(row)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public IEnumerable<string> NamesOf(string verdict) =>
        Findings.Where(finding => finding.Value.Verdict == verdict).Select(finding => finding.Key);

    private static Func<JsonElement, string> Text(string property) => row => row.GetProperty(property).GetString()!;
}
