using Microsoft.Playwright;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>The tabs of one user's browser, which share, and the server that they are of.</summary>
internal sealed class SharingTabs : IAsyncDisposable
{
    private readonly Renderers _renderers;
    private readonly IBrowserContext _context;
    private readonly List<SharingTab> _tabs = [];

    private SharingTabs(Renderers renderers, SharingServer server, IBrowserContext context) =>
        (_renderers, Server, _context) = (renderers, server, context);

    public SharingServer Server { get; }

    public static async Task<SharingTabs> StartAsync(Renderers renderers)
    {
        var server = await SharingServer.StartAsync();
        return new(renderers, server, await renderers.Browser.NewContextAsync());
    }

    /// <summary>Opens a tab, without a stream.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="address">Where it finds the server; null: at the server's own address.</param>
    public async Task<SharingTab> OpenAsync(string name, Uri? address = null)
    {
        var (page, process) = await _renderers.OpenAsync(_context, new Uri(address ?? Server.Address, $"/?tab={name}").ToString());
        var tab = new SharingTab(name, page, process);
        _tabs.Add(tab);
        return tab;
    }

    /// <summary>Opens tabs, each with a stream.</summary>
    public async Task<IReadOnlyList<SharingTab>> StartAsync(string path, object? options, params string[] names)
    {
        List<SharingTab> tabs = [];
        foreach (var name in names)
        {
            tabs.Add(await OpenAsync(name));
            await tabs[^1].StartAsync(path, options);
            await tabs[^1].SeenAsync("open");
        }

        return tabs;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tab in _tabs.Where(tab => tab.IsFrozen)) await tab.ThawAsync();
        await _context.DisposeAsync();
        await Server.DisposeAsync();
    }
}
