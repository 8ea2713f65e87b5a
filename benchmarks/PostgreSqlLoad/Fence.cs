using System.Diagnostics;
using System.Text;

/// <summary>Appends of a node with and without the tokens of runs, one after the other on one server.</summary>
internal static class Fence
{
    private const int Channels = 100;
    private const int Records = 32;

    public static async Task RunAsync(int pairs, double seconds)
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        await using var app = await Library.StartAppAsync(await server.CreateDatabaseAsync());
        var log = (IEventStreamRunLog)app.Services.GetRequiredService<IEventStreamLog>();
        foreach (var number in Enumerable.Range(0, Channels))
        {
            await log.ClaimRunAsync(
                new() { Channel = Name(number), Token = Token(number), Node = "", Lease = TimeSpan.FromHours(1) }, CancellationToken.None);
        }

        await MeasureAsync(log, hasTokens: false, seconds);
        await MeasureAsync(log, hasTokens: true, seconds);
        Console.WriteLine($"Records a second, {Records} an append to {Channels} channels in turn, {pairs} pairs of {seconds} s:");
        Console.WriteLine("| without tokens | with tokens | ratio |");
        Console.WriteLine("| --- | --- | --- |");
        List<double> ratios = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            // The two take turns at being first.
            var first = await MeasureAsync(log, pair % 2 == 1, seconds);
            var second = await MeasureAsync(log, pair % 2 == 0, seconds);
            var (without, with) = pair % 2 == 0 ? (first, second) : (second, first);
            ratios.Add(with / without);
            Console.WriteLine($"| {without:N0} | {with:N0} | {with / without:N2} |");
        }

        Console.WriteLine($"The middle ratio: {ratios.Order().ElementAt(pairs / 2):N2}");
    }

    private static async Task<double> MeasureAsync(IEventStreamLog log, bool hasTokens, double seconds)
    {
        var frame = Encoding.UTF8.GetBytes($"data: {new string('x', 100)}\n\n");
        var begin = Stopwatch.GetTimestamp();
        var appended = 0;
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
        {
            var records = Enumerable.Range(appended, Records).Select(i => i % Channels).Select(number => new EventStreamLogRecord
            {
                Channel = Name(number),
                Frame = frame,
                RunToken = hasTokens ? Token(number) : null,
            });
            var positions = await log.AppendAsync([.. records], CancellationToken.None);
            if (positions.Contains(null)) throw new InvalidOperationException("A token that holds its run was refused.");
            appended += Records;
        }

        return appended / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static string Name(int number) => $"load-{number}";

    private static string Token(int number) => $"token-{number}";
}
