namespace EventStream.Conformance.Tests.Parsing;

/// <summary>Every row of the table, read by the reference parser and by the client.</summary>
public sealed class ParsingTests
{
    private static readonly IReadOnlyList<Row> Rows = [.. Table.Rows, .. Table.FaultsOfChromium];

    [Theory(Timeout = 120_000)]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task Reference_EveryRowInChunksOfAnySize_ReadsWhatTheTableExpects(int? size) =>
        Comparison.Differences("reference", Rows, Rows.Select(row => ReferenceReader.Read(Cut(row, size)))).Should().BeEmpty();

    [Fact(Timeout = 120_000)]
    public async Task Client_EveryRow_ReadsWhatTheTableExpects()
    {
        await using var server = await RowServer.StartAsync(Rows);
        using var client = new ClientReader(server);
        List<Outcome> seen = [];
        for (var row = 0; row < Rows.Count; row++) seen.Add(await client.ReadAsync(row).OrFail(Rows[row].Name));

        Comparison.Differences("client", Rows, seen).Should().BeEmpty();
    }

    [Theory(Timeout = 120_000)]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task ClientParser_EveryRowInChunksOfAnySize_ReadsWhatTheTableExpects(int? size) =>
        Comparison.Differences("client's parser", Rows, Rows.Select(row => ClientParserReader.Read(Cut(row, size)))).Should().BeEmpty();

    // Null: as the table has it.
    private static IEnumerable<byte[]> Cut(Row row, int? size) => size is { } most ? row.Bytes.Chunk(most) : row.Chunks;
}
