using Microsoft.Playwright;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>
/// The system's browser, started once for all tests that share it. The driver comes in Playwright's package; no browser is ever downloaded.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    // The test script finds a browser under more names, and says so by CHROMIUM.
    private static readonly string Executable =
        Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ];

    private IPlaywright? _playwright;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>Starts the system's browser with the flags of a test machine, and those of the options.</summary>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright, BrowserTypeLaunchOptions options)
    {
        if (!File.Exists(Executable))
        {
            throw new FileNotFoundException(
                $"The browser tests need Chromium, and there is none at '{Executable}'. "
                + "Install it (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH to the executable of a Chromium or a "
                + "Chrome.");
        }

        options.ExecutablePath = Executable;
        options.Args = [.. Arguments, .. options.Args ?? []];
        return playwright.Chromium.LaunchAsync(options);
    }

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        Browser = await LaunchAsync(_playwright, new());
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
