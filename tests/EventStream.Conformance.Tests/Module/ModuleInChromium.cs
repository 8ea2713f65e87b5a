using System.Text.Json;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Module;

/// <summary>The module in a page of Chromium.</summary>
internal sealed class ModuleInChromium(Chromium chromium) : IModuleHost
{
    private const string Script = """
        async requests => {
            const [{ EventStream }, { readAll }] = await Promise.all([import('/module.js'), import('/reader.js')]);
            return JSON.stringify(await readAll(EventStream, location.href, JSON.parse(requests)));
        }
        """;

    public string Reader => "module-in-chromium";

    public async Task<IReadOnlyList<ModuleReading>> ReadAsync(Uri server, IEnumerable<ModuleRequest> requests)
    {
        await using var context = await chromium.Browser.NewContextAsync(new() { BaseURL = server.ToString() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        var json = await page.EvaluateAsync<string>(Script, JsonSerializer.Serialize(requests, JsonSerializerOptions.Web));
        return JsonSerializer.Deserialize<ModuleReading[]>(json, JsonSerializerOptions.Web)!;
    }
}
