using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace EventStream.ScaleOut.Tests;

public sealed partial class HoppingTests(Chromium chromium, ScaleOutRun run)
{
    [Fact(Timeout = 120_000)]
    public async Task Hop_ByTheButton_ContinuesOnAnotherNodeRightAfterTheLastNumber()
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run);
        var state = page.Page.Locator(".state");
        HashSet<string?> nodes = [];

        // A node that another test has killed may not be back yet.
        while (nodes.Count < 3)
        {
            nodes.Add(await state.TextContentAsync());
            await page.Page.ClickAsync("#hop");
            await page.ReadAsync(5);
        }

        nodes.Should().BeEquivalentTo("On node a", "On node b", "On node c");
        await Expect(page.Page.Locator(".told li").First).ToHaveTextAsync(NothingIsMissing());
        await ExpectEachOnceAsync(page);
    }

    [Theory(Timeout = 180_000)]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("c")]
    [InlineData("postgres")]
    [InlineData("nginx")]
    public async Task Kill_OfAProcessWhileThePageHops_EachNumberComesOnceInOrder(string victim)
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run);
        await page.Page.CheckAsync("#hopping");
        await page.ReadAsync(10);

        await run.KillAsync(victim);
        await page.ReadAsync(60);

        await ExpectEachOnceAsync(page);
    }

    [Fact(Timeout = 180_000)]
    public async Task Kill_OfAllNodesAtOnce_TheBrowserResumesForTheRest()
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run);
        await page.ReadAsync(10);

        await Task.WhenAll(run.KillAsync("a"), run.KillAsync("b"), run.KillAsync("c"));
        await page.ReadAsync(60);

        await ExpectEachOnceAsync(page);
    }

    [Fact(Timeout = 120_000)]
    public async Task KillButton_OfTheNodeThatCounts_AnotherCountsOn()
    {
        await using var page = await ScaleOutPage.OpenAsync(chromium, run);
        var counting = (await page.NumbersAsync())[^1].Node;

        await page.Page.ClickAsync($"tr[data-name={counting}] button");
        await page.Page.WaitForFunctionAsync("node => window.numbers.at(-1).node !== node", counting);
        await page.ReadAsync(20);

        await ExpectEachOnceAsync(page);
    }

    private static async Task ExpectEachOnceAsync(ScaleOutPage page)
    {
        var numbers = (await page.NumbersAsync()).Select(number => number.Value).ToList();
        numbers.Should().Equal(Enumerable.Range(0, numbers.Count).Select(index => numbers[0] + index));
        await Expect(page.Tally).ToHaveTextAsync(AllIsWell());
        page.Errors.Should().BeEmpty();
    }

    [GeneratedRegex(@"^From node [abc] to [abc] in \d+\.\d s: [\d,]+ came after [\d,]+, nothing is missing\.$")]
    private static partial Regex NothingIsMissing();

    [GeneratedRegex(@"^[\d,]+ numbers since [\d,]+: none missing, none twice or out of order\. (no|\d+) hops?, no gaps\.$")]
    private static partial Regex AllIsWell();
}
