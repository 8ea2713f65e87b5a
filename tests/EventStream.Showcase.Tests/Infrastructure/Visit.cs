using Microsoft.Playwright;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>A tab that visits the showcase.</summary>
internal sealed class Visit : BrowserTab
{
    private Visit(IBrowserContext context, IPage page)
        : base(context, page)
    {
    }

    public static async Task<Visit> StartAsync(Chromium chromium, ShowcaseApp app, int width = 1280)
    {
        var context = await chromium.Browser.NewContextAsync(new()
        {
            BaseURL = app.Address.ToString(),
            ViewportSize = new() { Width = width, Height = 800 },
        });
        return new(context, await context.NewPageAsync());
    }

    public int RequestsTo(string path) => Requests.Count(request => request.AbsolutePath == path);
}
