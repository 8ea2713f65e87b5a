using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>A publisher that runs while an app is attacked, and two ordinary clients, which must get every message.</summary>
internal sealed class Feed : IAsyncDisposable
{
    private const string Last = "last";

    private readonly CancellationTokenSource _stop = new();
    private readonly EventStreamChannel _channel;
    private readonly HttpClient[] _clients;
    private readonly TestEventSource[] _readers;
    private readonly Task<int> _publishing;

    private Feed(EventStreamChannel channel, HttpClient[] clients, TestEventSource[] readers)
    {
        (_channel, _clients, _readers) = (channel, clients, readers);
        _publishing = Task.Run(PublishAsync);
    }

    public static async Task<Feed> StartAsync(AttackedApp app)
    {
        HttpClient[] clients = [app.Client(app.Http1Port), app.Client(app.Http2Port)];
        var readers = new TestEventSource[clients.Length];
        for (var i = 0; i < clients.Length; i++)
        {
            readers[i] = await clients[i].OpenEventStreamAsync("/feed", new() { Timeout = Soon.Limit });
            await readers[i].NextPositionAsync();
        }

        return new(app.Hub.GetChannel("feed"), clients, readers);
    }

    /// <summary>Stops the publisher, and compares what each reader got.</summary>
    public async Task ShouldHaveReachedItsReadersAsync()
    {
        await _stop.CancelAsync();
        var count = await _publishing.OrFail();
        await _channel.SayAsync(Last);
        foreach (var reader in _readers)
        {
            var read = await reader.CollectUntilAsync(one => one.Data == Last);
            read.Select(one => one.Data).Should().Equal(Enumerable.Range(1, count).Select(number => $"{number}").Append(Last));
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var reader in _readers) await reader.DisposeAsync();
        foreach (var client in _clients) client.Dispose();
    }

    private async Task<int> PublishAsync()
    {
        for (var number = 1; ; number++)
        {
            await _channel.SayAsync($"{number}");
            await Task.Delay(5, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return number;
        }
    }
}
