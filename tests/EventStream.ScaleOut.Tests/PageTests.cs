using static Microsoft.Playwright.Assertions;

namespace EventStream.ScaleOut.Tests;

public sealed class PageTests(Chromium chromium, ScaleOutRun run)
{
    [Fact(Timeout = 120_000)]
    public async Task Page_PhoneWidth_DoesNotScrollSideways()
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run, width: 360);
        await page.ReadAsync(5);

        (await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().Be(360);
    }

    [Fact(Timeout = 120_000)]
    public async Task Nodes_TwoPages_AreCountedOverAllNodes()
    {
        await using var one = await ScaleOutPage.OpenAsync(chromium, run);
        await Expect(one.Page.Locator("#pages")).ToHaveTextAsync("1");

        await using var other = await ScaleOutPage.OpenAsync(chromium, run);

        await Expect(one.Page.Locator("#pages")).ToHaveTextAsync("2");
        await Expect(other.Page.Locator("#pages")).ToHaveTextAsync("2");
    }
}
