using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>Every row of the table, read by a browser.</summary>
[Trait("Category", "Linux")]
public sealed class ChromiumParsingTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact(Timeout = 180_000)]
    public async Task Chromium_EveryRow_ReadsWhatTheTableSays() =>
        Comparison.Differences("Chromium", Table.Rows, await ReadAsync(Table.Rows)).Should().BeEmpty();

    [Fact(Timeout = 60_000)]
    public async Task Chromium_RowsWhereItIsAtFault_ReadsThemAsItDidWhenTheyWereWritten()
    {
        var faults = Table.FaultsOfChromium;

        Comparison.Differences("Chromium", faults.Select(row => row with { Expected = row.Chromium! }), await ReadAsync(faults)).Should().BeEmpty("a row that is mended belongs to the table");
    }

    private async Task<IReadOnlyList<Outcome>> ReadAsync(IReadOnlyList<Row> rows)
    {
        await using var server = await RowServer.StartAsync(rows);
        return await new ChromiumReader(chromium, server).ReadAsync();
    }
}
