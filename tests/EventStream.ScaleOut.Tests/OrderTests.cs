using static Microsoft.Playwright.Assertions;

namespace EventStream.ScaleOut.Tests;

public sealed class OrderTests(Chromium chromium, ScaleOutRun run)
{
    [Theory(Timeout = 120_000)]
    [InlineData("Npgsql")]
    [InlineData("Entity Framework Core")]
    public async Task Order_RolledBackAndCommitted_OnlyTheSecondIsShown(string way)
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run);
        await page.Page.GetByLabel(way).CheckAsync();

        await OrderAsync("undone", "Order and roll back", "rolled back");
        await OrderAsync("done", "Order and commit", "was committed");

        // In the order of their transactions: the first would have come before the second.
        await Expect(page.Page.Locator("#orders li").First).ToContainTextAsync($"{way}, done");
        await Expect(page.Page.Locator("#orders")).Not.ToContainTextAsync($"{way}, undone");

        async Task OrderAsync(string item, string button, string answer)
        {
            await page.Page.FillAsync("[name=item]", $"{way}, {item}");
            await page.Page.GetByText(button, new() { Exact = true }).ClickAsync();
            await Expect(page.Page.Locator("#answer")).ToContainTextAsync(answer);
        }
    }
}
