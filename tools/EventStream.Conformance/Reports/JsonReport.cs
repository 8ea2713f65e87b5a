using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;

namespace EventStream.Conformance.Reports;

/// <summary>The report for programs.</summary>
internal static partial class JsonReport
{
    private static readonly Contract Shape = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase) },

        // It goes to a terminal or a file, never into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(Settings settings, IReadOnlyList<Finding> findings) => JsonSerializer.Serialize(
        new Report(
            settings.Stream,
            [.. findings.Select(finding => new Row(finding.Name, finding.Outcome.Verdict, finding.Outcome.Seen, finding.Rule))]),
        Shape.Report);

    internal sealed record Report(Uri Url, IReadOnlyList<Row> Checks);

    internal sealed record Row(string Name, Verdict Verdict, string Seen, string Rule);

    [JsonSerializable(typeof(Report))]
    private sealed partial class Contract : JsonSerializerContext;
}
