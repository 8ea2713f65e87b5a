using System.Globalization;
using System.Text.RegularExpressions;
using EventStream.Showcase.Tests.Infrastructure;
using Showcase.Trading;

namespace EventStream.Showcase.Tests;

/// <summary>The console client beside the showcase, with its output in a pipe.</summary>
public sealed partial class PriceWatchTests : IDisposable
{
    private readonly DirectoryInfo _positions = Directory.CreateTempSubdirectory("price-watch-");

    [Fact(Timeout = 60_000)]
    public async Task Watch_ConnectionIsCut_ResumesAndMissesNothing()
    {
        await using var app = ShowcaseApp.Start();
        await using var watch = WatchingProcess.Start(app, _positions);
        var before = await watch.ReadToAsync(HasNumber(20), "price 20");

        app.Services.GetRequiredService<Cuts>().TryCut("console").Should().BeTrue();
        var cut = await watch.ReadToAsync(line => line.StartsWith("-- Resumed from ", StringComparison.Ordinal), "a resume");
        var last = NumbersOf([.. before, .. cut])[^1];
        var after = await watch.ReadToAsync(HasNumber(last + 100), $"price {last + 100}, ten beats later");

        before[0].Should().Be("-- Opened.");
        cut.Should().ContainSingle(line => Break().IsMatch(line));
        NumbersOf([.. before, .. cut, .. after]).Should().Equal(Enumerable.Range(1, last + 100));
    }

    [Fact(Timeout = 60_000)]
    public async Task Watch_LeftAndStartedAgain_ContinuesFromItsPosition()
    {
        await using var app = ShowcaseApp.Start();
        await using var first = WatchingProcess.Start(app, _positions);
        var seen = await first.ReadToAsync(HasNumber(20), "price 20");
        var rest = await first.LeaveAsync();

        await using var second = WatchingProcess.Start(app, _positions);
        var last = NumbersOf([.. seen, .. rest])[^1];
        var after = await second.ReadToAsync(HasNumber(last + 20), $"price {last + 20}");

        rest[^1].Should().Be("-- Left. The next start goes on from here.");
        after[0].Should().Be($"-- Resumed from {PositionOf(app, last)}.");
        NumbersOf(after).Should().Equal(Enumerable.Range(last + 1, 20));
    }

    [Fact(Timeout = 60_000)]
    public async Task Watch_ServerWasRestarted_TellsTheGap()
    {
        await using (var app = ShowcaseApp.Start())
        {
            await using var first = WatchingProcess.Start(app, _positions);
            await first.ReadToAsync(HasNumber(20), "price 20");
            await first.LeaveAsync();
        }

        await using var restarted = ShowcaseApp.Start();
        // It is on another port now, which is another server to the client.
        var position = _positions.GetFiles().Single();
        position.MoveTo(Path.Combine(_positions.FullName, Port().Replace(position.Name, $"%3A{restarted.Address.Port}")));
        await using var second = WatchingProcess.Start(restarted, _positions);
        var after = await second.ReadToAsync(HasNumber(20), "price 20");

        after[0].Should().StartWith("-- Resumed from ");
        after[1].Should().Be("-- A gap of unknown size: restarted.");
        NumbersOf(after)[0].Should().Be(1);
    }

    public void Dispose() => _positions.Delete(recursive: true);

    private static string PositionOf(ShowcaseApp app, int number)
    {
        var newest = app.Services.GetRequiredService<EventStreamHub>().GetChannel("prices").Newest!.Value.ToString();
        return $"{newest[..newest.LastIndexOf('-')]}-{number}";
    }

    private static Predicate<string> HasNumber(int number) => line => line.StartsWith($"{number} ", StringComparison.Ordinal);

    private static int[] NumbersOf(IEnumerable<string> lines) =>
        [.. lines.Where(line => !line.StartsWith("-- ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^-- Retrying in 0\.\d s because it broke: .+$")]
    private static partial Regex Break();

    [GeneratedRegex(@"%3A\d+")]
    private static partial Regex Port();
}
