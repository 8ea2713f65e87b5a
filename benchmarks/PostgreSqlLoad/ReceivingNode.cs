using System.Collections.Concurrent;

/// <summary>The node that receives.</summary>
/// <remarks>
/// It prints a line when it listens, and reads how many messages were published. Then it prints how many it received, and the median and
/// 99th percentile of their ages in milliseconds.
/// </remarks>
internal static class ReceivingNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Way way)
    {
        var ages = new ConcurrentQueue<double>();
        using var stop = new CancellationTokenSource();
        var receiving = way.ReceiveAsync(
            () => Console.WriteLine("listening"),
            message =>
            {
                if (Message.Age(message) is { } age) ages.Enqueue(age.TotalMilliseconds);
            },
            stop.Token);
        var telling = Task.Run(Console.ReadLine);
        if (await Task.WhenAny(receiving, telling) == receiving) await receiving;
        var expected = int.Parse(await telling ?? "0");
        stop.CancelAfter(Patience);
        while (ages.Count < expected && !stop.IsCancellationRequested) await Task.Delay(20);
        double[] sorted = [.. ages.Order()];
        Console.WriteLine(FormattableString.Invariant($"{sorted.Length} {Percentile(50)} {Percentile(99)}"));

        double Percentile(int percent) => sorted.Length == 0 ? double.NaN : sorted[(sorted.Length - 1) * percent / 100];
    }
}
