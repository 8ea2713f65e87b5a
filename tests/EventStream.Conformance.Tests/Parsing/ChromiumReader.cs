using System.Globalization;
using System.Text.Json;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>The third reader: Chromium's own <c>EventSource</c>, in a page that reads many rows at once.</summary>
/// <remarks>
/// A page sees neither its position nor its reconnection time. The position is in the request with which it reconnects. The time is
/// measured by order, so a slow machine changes nothing: beside the rows there are streams with known times, called rungs. Some rungs end
/// before all rows, and some end after them. A row that reconnects before a rung of the first kind waits for less than that rung. A row
/// that reconnects after a rung of the second kind waits for longer.
/// </remarks>
internal sealed class ChromiumReader(Chromium chromium, RowServer server)
{
    private const int RowsAtOnce = 50;
    private const int PagesAtOnce = 3;

    // Between the times that the table uses and 3000, far from each of them.
    private static readonly ulong[] Rungs = [500, 1500, 4000];

    private static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    public async Task<IReadOnlyList<Outcome>> ReadAsync()
    {
        var outcomes = new Outcome[server.Rows.Count];
        var batches = Enumerable.Range(0, server.Rows.Count).Chunk(RowsAtOnce);
        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = PagesAtOnce }, async (rows, _) =>
        {
            foreach (var (row, outcome) in rows.Zip(await ReadAsync(rows))) outcomes[row] = outcome;
        });
        return outcomes;
    }

    private async Task<IEnumerable<Outcome>> ReadAsync(int[] rows)
    {
        var reading = string.Create(CultureInfo.InvariantCulture, $"chromium-{rows[0]}");
        // A browser opens six connections to a server at most, but six for each of its contexts.
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = server.Address.ToString() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.AddScriptTagAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Parsing", "ChromiumReader.js") });
        var types = server.Rows.SelectMany(row => row.Expected.Events).Select(received => received.Type).Distinct();
        var json = await page.EvaluateAsync<string>(
            "async batch => JSON.stringify(await readBatch(batch))",
            new
            {
                rows = rows.Select(row => RowServer.PathOf(reading, row)),
                types,
                first = RungPaths(reading, "first"),
                last = RungPaths(reading, "last"),
            });

        var events = JsonSerializer.Deserialize<Received[][]>(json, Web)!;
        var returns = server.Returns.Where(back => back.Path.StartsWith($"/{reading}/", StringComparison.Ordinal)).ToList();
        return rows.Select((row, index) => OutcomeOf(reading, RowServer.PathOf(reading, row), events[index], returns));
    }

    private static Outcome OutcomeOf(string reading, string path, Received[] events, List<Return> returns)
    {
        var place = returns.FindIndex(back => back.Path == path);
        if (place < 0) return new(events, Position: null, new(Rungs[^1], ulong.MaxValue));
        return new(events, returns[place].Position, new(
            Rungs.LastOrDefault(rung => PlaceOf("last", rung) < place),
            Rungs.Append(ulong.MaxValue).First(rung => rung == ulong.MaxValue || PlaceOf("first", rung) > place)));

        int PlaceOf(string kind, ulong rung) => returns.FindIndex(back => back.Path == RungPath(reading, kind, rung));
    }

    private static IEnumerable<string> RungPaths(string reading, string kind) => Rungs.Select(rung => RungPath(reading, kind, rung));

    private static string RungPath(string reading, string kind, ulong rung) =>
        string.Create(CultureInfo.InvariantCulture, $"/{reading}/rungs/{kind}/{rung}");
}
