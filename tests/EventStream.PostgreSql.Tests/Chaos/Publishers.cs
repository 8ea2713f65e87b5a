using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Several publishers that publish numbers at a rate.</summary>
/// <remarks>
/// In every second second the numbers have a key, and a publisher repeats each until a node has acknowledged it. In the other seconds
/// they have no key, and a publisher repeats only those that were certainly not published.
/// </remarks>
internal sealed class Publishers(HttpClient client, int count, int perSecond)
{
    private readonly ConcurrentDictionary<long, string> _acknowledged = [];
    private readonly ConcurrentDictionary<long, bool> _unknown = [];

    private int _failures;

    /// <summary>The positions that the nodes acknowledged, by number.</summary>
    public IReadOnlyDictionary<long, string> Acknowledged => _acknowledged;

    /// <summary>The numbers of which it is unknown whether they are published.</summary>
    public IEnumerable<long> Unknown => _unknown.Keys;

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

    /// <summary>Publishes one number with a key, until it is acknowledged.</summary>
    public async Task PublishAsync(long number)
    {
        while (!await TryPublishAsync(number, isKeyed: true)) await Task.Delay(50);
    }

    private async Task PublishAsync(ChannelReader<long> numbers)
    {
        await foreach (var number in numbers.ReadAllAsync())
        {
            while (!await TryPublishAsync(number, number / perSecond % 2 == 0)) await Task.Delay(50);
        }
    }

    /// <summary>False: it is to be published again.</summary>
    private async Task<bool> TryPublishAsync(long number, bool isKeyed)
    {
        var isSurelyNot = false;
        try
        {
            // A request without a body would be sent again by the client itself, where its connection ends before the answer.
            using var body = new StringContent("publish");
            using var response = await client.PostAsync($"/numbers/{number}?isKeyed={isKeyed}", body);
            if (response.IsSuccessStatusCode)
            {
                _acknowledged[number] = await response.Content.ReadAsStringAsync();
                return true;
            }

            isSurelyNot = response.StatusCode == HttpStatusCode.ServiceUnavailable;
        }
        catch (HttpRequestException exception)
        {
            isSurelyNot = exception.HttpRequestError == HttpRequestError.ConnectionError;
        }
        catch (TaskCanceledException)
        {
        }

        Interlocked.Increment(ref _failures);
        if (isKeyed || isSurelyNot) return false;
        return _unknown[number] = true;
    }
}
