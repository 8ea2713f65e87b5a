using System.Diagnostics;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>While bad clients attack, ordinary streams get every message; afterwards nothing of the attack is left.</summary>
[Collection(nameof(Alone))]
public sealed class AttackTests
{
    private const int Attackers = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Alone.IsLong ? 20 : 1);

    public static TheoryData<string> Names => [.. Attack.All.Select(attack => attack.Name)];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Names))]
    public Task Attack_ByManyClients_OthersGetEveryMessageAndNothingIsLeft(string name) => Seeded.RunAsync(async seed =>
    {
        var attack = Attack.All.Single(one => one.Name == name);
        await using var app = await AttackedApp.StartAsync();
        await using var feed = await Feed.StartAsync(app);
        var started = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Attackers).Select(number => Task.Run(async () =>
        {
            var random = new Random(seed + number);
            do await attack.RunAsync(app, random);
            while (Stopwatch.GetElapsedTime(started) < Duration);
        })));

        await feed.ShouldHaveReachedItsReadersAsync();
        await app.ShouldBeAsBeforeAsync();
    });
}
