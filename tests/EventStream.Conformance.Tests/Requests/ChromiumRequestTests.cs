using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>Every row of the table of requests that a page can ask.</summary>
[Trait("Category", "Linux")]
public sealed class ChromiumRequestTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact(Timeout = 60_000)]
    public async Task Chromium_EveryRow_AsksAndEndsAsTheTableExpects()
    {
        var rows = RequestTable.RowsFor("chromium");
        await using var server = await AnswerServer.StartAsync(rows);

        var seen = await new ChromiumExchanges(chromium, server).RunAsync(rows.Count);

        ExchangeComparison.Differences("Chromium", rows, seen).Should().BeEmpty();
    }
}
