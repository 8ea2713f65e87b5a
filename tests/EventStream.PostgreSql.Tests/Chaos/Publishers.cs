using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Publishes numbers at a rate, by some publishers at once, each number again with its key until a node has acknowledged it.</summary>
internal sealed class Publishers(HttpClient client, int count, int perSecond)
{
    private readonly ConcurrentDictionary<long, string> _acknowledged = [];

    private int _failures;

    /// <summary>The positions that the nodes acknowledged, by number.</summary>
    public IReadOnlyDictionary<long, string> Acknowledged => _acknowledged;

    /// <summary>How many attempts failed.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public async Task RunAsync(TimeSpan duration)
    {
        var numbers = Channel.CreateUnbounded<long>();
        var publishing = Enumerable.Range(0, count).Select(_ => Task.Run(() => PublishAsync(numbers.Reader))).ToArray();
        const int tick = 20;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(tick));
        var all = (long)(duration.TotalSeconds * perSecond);
        for (var (number, due) = (0L, 0.0); number < all && await timer.WaitForNextTickAsync();)
        {
            for (due += perSecond * tick / 1000.0; number < Math.Min(due, all); number++) numbers.Writer.TryWrite(number);
        }

        numbers.Writer.Complete();
        await Task.WhenAll(publishing);
    }

    private async Task PublishAsync(ChannelReader<long> numbers)
    {
        await foreach (var number in numbers.ReadAllAsync())
        {
            while (!_acknowledged.ContainsKey(number))
            {
                try
                {
                    using var response = await client.PostAsync($"/numbers/{number}", content: null);
                    if (response.IsSuccessStatusCode) _acknowledged[number] = await response.Content.ReadAsStringAsync();
                    else Interlocked.Increment(ref _failures);
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    Interlocked.Increment(ref _failures);
                }

                if (!_acknowledged.ContainsKey(number)) await Task.Delay(50);
            }
        }
    }
}
