namespace EventStream.Conformance.Tests.Requests;

/// <summary>Every row of the table of requests, for the client.</summary>
public sealed class RequestTests
{
    [Fact(Timeout = 30_000)]
    public async Task Table_Names_AreUnique() => RequestTable.Rows.Select(row => row.Name).Should().OnlyHaveUniqueItems();

    [Fact(Timeout = 60_000)]
    public async Task Client_EveryRow_AsksAndEndsAsTheTableExpects()
    {
        var rows = RequestTable.RowsFor("client");
        await using var server = await AnswerServer.StartAsync(rows);
        using var client = new ClientExchanges(server);
        List<Exchange> seen = [];
        for (var row = 0; row < rows.Count; row++) seen.Add(await client.RunAsync(row, rows[row].With));

        ExchangeComparison.Differences("client", rows, seen).Should().BeEmpty();
    }
}
