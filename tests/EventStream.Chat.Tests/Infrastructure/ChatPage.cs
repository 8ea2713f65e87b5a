using Microsoft.Playwright;

namespace EventStream.Chat.Tests.Infrastructure;

/// <summary>A tab with a chat.</summary>
internal sealed class ChatPage : BrowserTab
{
    private ChatPage(IBrowserContext context, IPage page)
        : base(context, page)
    {
    }

    /// <summary>The newest answer's text, without its reasoning and its tool calls.</summary>
    public ILocator Text => Page.Locator(".answer:last-child .attempt > p:not(.tool)");

    /// <summary>What the page says of an answer that did not end well.</summary>
    public ILocator Outcome => Page.Locator(".outcome p");

    /// <summary>The state of the node or nodes.</summary>
    public ILocator State => Page.Locator(".state");

    public static async Task<ChatPage> OpenAsync(Chromium chromium, Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await chromium.Browser.NewContextAsync(options ?? new());
        var page = new ChatPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>Opens the same chat in another browser.</summary>
    public Task<ChatPage> OpenAgainAsync(Chromium chromium) => OpenAsync(chromium, new(Page.Url));

    public async Task AskAsync(string question)
    {
        await Page.FillAsync("textarea", question);
        await PressAsync("Ask");
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>The newest answer's text, in one piece.</summary>
    public async Task<string> TextAsync() => string.Join("\n\n", await Text.AllTextContentsAsync());
}
