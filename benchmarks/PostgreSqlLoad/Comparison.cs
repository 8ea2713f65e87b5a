/// <summary>Runs every way in turn, and prints what each did beside the first.</summary>
internal static class Comparison
{
    private static readonly int[] Channels = [1, 100];

    public static async Task RunAsync(double seconds, int rounds)
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        Console.WriteLine(
            $"{Way.Publishers} publishers, {rounds} rounds of {seconds} s: the middle round, and in brackets its ratio to {Way.Names[0]}.");
        Console.WriteLine("Latency is from publish to receive at half of the publishes a second that the first way does at most.");
        Console.WriteLine();
        Console.WriteLine(
            "| channels | way | publishes/s | a flush, ms | publishes/s, received on the same cores | latency p50, ms | latency p99, ms | "
            + "received |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var channels in Channels)
        {
            var alone = await RoundsAsync(way => Run.MeasureAloneAsync(server, way, channels, seconds));
            var aloneRates = alone.Select(runs => Median(runs, run => run.Rate)).ToArray();
            var fastest = await RoundsAsync(way => Run.MeasureAsync(server, way, channels, seconds));
            var rates = fastest.Select(runs => Median(runs, run => run.Rate)).ToArray();
            var paced = await RoundsAsync(way => Run.MeasureAsync(server, way, channels, seconds, rates[0] / 2));
            var middles = paced.Select(runs => Median(runs, run => run.Middle)).ToArray();
            var slow = paced.Select(runs => Median(runs, run => run.Slow)).ToArray();
            for (var way = 0; way < Way.Names.Count; way++)
            {
                var received = fastest[way].Concat(paced[way]).Min(run => run.Received);
                Console.WriteLine(
                    $"| {channels} | {Way.Names[way]} | {Beside(aloneRates, way, "N0")} | {Median(alone[way], run => run.Flush):N2} | "
                    + $"{Beside(rates, way, "N0")} | {Beside(middles, way, "N1")} | {Beside(slow, way, "N1")} | {received:P1} |");
            }
        }

        // The ways take turns, so that what else the machine does falls on all of them.
        async Task<List<T>[]> RoundsAsync<T>(Func<string, Task<T>> measure)
        {
            var runs = Way.Names.Select(_ => new List<T>()).ToArray();
            for (var round = 0; round < rounds; round++)
            {
                for (var way = 0; way < runs.Length; way++) runs[way].Add(await measure(Way.Names[way]));
            }

            return runs;
        }
    }

    private static double Median<T>(List<T> runs, Func<T, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);

    private static string Beside(double[] figures, int way, string format) =>
        $"{figures[way].ToString(format)} ({figures[way] / figures[0]:N2})";
}
