using EventStream.Showcase.Tests.Infrastructure;
using Microsoft.Playwright;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>A Chromium in which each tab has a process of its own, which a test may stop and kill.</summary>
/// <remarks>
/// Chromium does not say which process a tab is in. So it starts none but those of tabs, and tabs are opened one after the other. The
/// process that is new is that of the new tab. <see cref="SharingTab.FreezeAsync"/> proves that it is.
/// </remarks>
public sealed class Renderers : IAsyncLifetime
{
    // A process for the next tab, and those for the suggestions of a window's address bar.
    private static readonly string[] OtherProcesses =
        ["SpareRendererForSitePerProcess", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "OmniboxFullPopup"];

    private readonly SemaphoreSlim _opening = new(1);
    private IPlaywright? _playwright;
    private ICDPSession _browserSession = null!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Browser = await Chromium.LaunchAsync(_playwright, new()
        {
            IgnoreDefaultArgs = ["--disable-back-forward-cache"],
            Args = [$"--disable-features={string.Join(',', OtherProcesses)}", "--renderer-process-limit=100"],
        });
        _browserSession = await Browser.NewBrowserCDPSessionAsync();
    }

    /// <summary>Opens a page, and returns it with its process.</summary>
    public async Task<(IPage Page, int Process)> OpenAsync(IBrowserContext context, string address)
    {
        await _opening.WaitAsync();
        try
        {
            var before = await ProcessesAsync();
            var page = await context.NewPageAsync();
            await page.GotoAsync(address);
            return (await ProcessesAsync()).Except(before).ToList() is [var process]
                ? (page, process)
                : throw new InvalidOperationException("More than one process is new, so the tab's is not known.");
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        _opening.Dispose();
    }

    private async Task<IReadOnlyList<int>> ProcessesAsync()
    {
        var answer = await _browserSession.SendAsync("SystemInfo.getProcessInfo");
        return
        [
            .. from process in answer!.Value.GetProperty("processInfo").EnumerateArray()
               where process.GetProperty("type").ValueEquals("renderer")
               select process.GetProperty("id").GetInt32(),
        ];
    }
}
