using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>One tab of a browser that knows nothing yet, and what went wrong and over the network in it.</summary>
internal abstract class BrowserTab : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private protected BrowserTab(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Errors.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => Errors.Enqueue(error);
        page.Request += (_, request) => Requests.Enqueue(new(request.Url));
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, and exceptions that nothing caught.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public ConcurrentQueue<Uri> Requests { get; } = new();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
