using System.Text.Json;
using EventStream.Conformance.Tests.Parsing;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>Chromium's own <c>EventSource</c>, one for each row, all in one page.</summary>
internal sealed class ChromiumExchanges(Chromium chromium, AnswerServer server)
{
    public async Task<IReadOnlyList<Exchange>> RunAsync(int rows)
    {
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = server.Address.ToString() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.AddScriptTagAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Parsing", "ChromiumReader.js") });
        var json = await page.EvaluateAsync<string>(
            "async paths => JSON.stringify(await readUntilStopped(paths))", Enumerable.Range(0, rows).Select(AnswerServer.PathOf));
        var events = JsonSerializer.Deserialize<Received[][]>(json, JsonSerializerOptions.Web)!;
        return [.. events.Select((received, row) => new Exchange(server.AsksOf(row), received, End: null))];
    }
}
