using System.Globalization;
using EventStream.Browser.Tests.Sharing.Storms;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>Ten tabs open, close, crash, freeze, navigate and reload at random, while 100 messages a second are published.</summary>
/// <remarks>
/// <c>EVENTSTREAM_LONG_TESTS=1</c> lasts 60 s instead of 10. <c>EVENTSTREAM_SEED</c> repeats the seed that a failure names.
/// </remarks>
[Collection(nameof(Tabs))]
public sealed class StormTests(Renderers renderers, ITestOutputHelper output)
{
    private static readonly TimeSpan Duration =
        TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("EVENTSTREAM_LONG_TESTS") == "1" ? 60 : 10);

    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTSTREAM_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next();

    [Fact(Timeout = 180_000)]
    public async Task TenTabs_AtRandom_OneConnectionAndWholeRecords()
    {
        output.WriteLine($"EVENTSTREAM_SEED={Seed}");
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var storm = new Storm(tabs, new Random(Seed));

        await storm.RunAsync(Duration);

        output.WriteLine(storm.Report());
        storm.Faults.Should().BeEmpty($"of EVENTSTREAM_SEED={Seed}");
    }
}
