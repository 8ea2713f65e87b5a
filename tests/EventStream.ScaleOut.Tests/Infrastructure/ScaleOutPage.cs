using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace EventStream.ScaleOut.Tests.Infrastructure;

/// <summary>The sample's page in a browser, and what reached it, beside the page's own count.</summary>
internal sealed class ScaleOutPage : IAsyncDisposable
{
    private const string RecordNumbers = """
        window.numbers = [];
        window.EventSource = class extends EventSource {
          constructor(url) {
            super(url);
            this.addEventListener("number", number => window.numbers.push(JSON.parse(number.data)));
          }
        };
        """;

    // Runtimes that start again, and Entity Framework's first use, take long on a machine that is busy.
    private const float Patience = 60_000;

    private readonly IBrowserContext _context;

    private ScaleOutPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => Errors.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>Exceptions that nothing caught.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public ILocator Tally => Page.Locator(".tally");

    public static async Task<ScaleOutPage> OpenAsync(Chromium chromium, ScaleOutRun run, int width = 1280)
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
        context.SetDefaultTimeout(Patience);
        await context.AddInitScriptAsync(RecordNumbers);
        var page = new ScaleOutPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(run.Address.AbsoluteUri);
        await page.ReadAsync(1);
        return page;
    }

    /// <summary>Waits until a number of further numbers have arrived.</summary>
    public async Task ReadAsync(int numbers)
    {
        var enough = (await NumbersAsync()).Count + numbers;
        await Page.WaitForFunctionAsync("count => window.numbers.length >= count", enough);
    }

    public async Task<IReadOnlyList<CountedNumber>> NumbersAsync() =>
        JsonSerializer.Deserialize<CountedNumber[]>(
            await Page.EvaluateAsync<string>("JSON.stringify(window.numbers)"), JsonSerializerOptions.Web)!;

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    internal sealed record CountedNumber(long Value, string Node);
}
