using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>Every row of the table, read by a browser.</summary>
[Trait("Category", "Linux")]
public sealed class ChromiumParsingTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int MostReadings = 3;

    [Fact(Timeout = 180_000)]
    public async Task Chromium_EveryRow_ReadsWhatTheTableExpects() =>
        (await DifferencesAsync(Table.Rows)).Should().BeEmpty();

    [Fact(Timeout = 60_000)]
    public async Task Chromium_RowsWhereItIsAtFault_ReadsThemAsItDidWhenTheyWereWritten() =>
        (await DifferencesAsync([.. Table.FaultsOfChromium.Select(row => row with { Expected = row.Chromium! })]))
            .Should().BeEmpty("a row that is mended belongs to the table");

    /// <summary>Reads a row that differs once more.</summary>
    /// <remarks>
    /// When the machine pauses for a second, a row reconnects after its rung. What Chromium parses from the bytes is the same each time.
    /// </remarks>
    private async Task<IReadOnlyList<string>> DifferencesAsync(IReadOnlyList<Row> rows)
    {
        for (var readings = 1; ; readings++)
        {
            var seen = await ReadAsync(rows);
            var differences = Comparison.Differences("Chromium", rows, seen);
            if (differences.Count == 0 || readings == MostReadings) return differences;
            rows = [.. rows.Where((row, place) => Comparison.Differences("Chromium", [row], [seen[place]]).Count > 0)];
        }
    }

    private async Task<IReadOnlyList<Outcome>> ReadAsync(IReadOnlyList<Row> rows)
    {
        await using var server = await RowServer.StartAsync(rows);
        return await new ChromiumReader(chromium, server).ReadAsync();
    }
}
