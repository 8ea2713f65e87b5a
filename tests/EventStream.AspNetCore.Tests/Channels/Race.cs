using System.Globalization;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>
/// Rounds of something that many threads do at once, for about two seconds, or as long as <c>EVENTSTREAM_RACE_SECONDS</c> says. The
/// schedules follow a seed, which a failure names; <c>EVENTSTREAM_SEED</c> has it again, as far as threads can be had again.
/// </summary>
internal static class Race
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Number("EVENTSTREAM_RACE_SECONDS") ?? 2);

    public static async Task RunAsync(ITestOutputHelper output, Func<Random, Task> round)
    {
        var seed = Number("EVENTSTREAM_SEED") ?? Random.Shared.Next();
        var started = TimeProvider.System.GetTimestamp();
        var rounds = 0;
        do
        {
            try
            {
                await round(new Random(seed + rounds));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"EVENTSTREAM_SEED={seed + rounds}, after {rounds} good rounds: {exception.Message}", exception);
            }

            rounds++;
        }
        while (TimeProvider.System.GetElapsedTime(started) < Duration);

        output.WriteLine($"EVENTSTREAM_SEED={seed}, {rounds} rounds");
    }

    /// <summary>
    /// Runs all at the same moment, each on its own thread, give or take a little that is up to <paramref name="random"/>.
    /// </summary>
    public static async Task AtOnceAsync(Random random, params Func<Task>[] acts)
    {
        using var start = new Barrier(acts.Length);
        await Task.WhenAll(acts.Select(act => (act, spins: random.Next(4) * random.Next(60))).ToArray()
            .Select(runner => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    Thread.SpinWait(runner.spins);
                    return runner.act();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
