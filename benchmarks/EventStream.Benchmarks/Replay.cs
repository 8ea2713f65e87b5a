using System.Buffers;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.Benchmarks;

/// <summary>What does it cost to send a thousand retained messages to a subscriber that resumes?</summary>
[MemoryDiagnoser, MedianColumn, MinColumn]
public class Replay
{
    private const int Count = 1_000;
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly List<SseItem<string>> _items = [];
    private Subscribers _subscribers = null!;

    [GlobalSetup]
    public async Task Publish()
    {
        var text = new string('x', 200);
        _subscribers = new Subscribers(Count);
        for (var i = 1; i <= Count; i++)
        {
            await _subscribers.Channel.PublishAsync(text);
            _items.Add(new(text) { EventId = $"{i}" });
        }
    }

    [GlobalCleanup]
    public void Leave() => _subscribers.Dispose();

    [Benchmark(Baseline = true)]
    public Task ListOfItems() => SseFormatter.WriteAsync(ItemsAsync(), Stream.Null);

    [Benchmark]
    public async Task SharedLog()
    {
        var subscriber = _subscribers.Open(after: 0);
        var signal = new StreamSignal();
        while (subscriber.Position < Count && subscriber.Poll(signal) == PollResult.Ready)
        {
            subscriber.WriteCurrent(_output);
            _output.ResetWrittenCount();
        }

        await subscriber.DisposeAsync();
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync()
    {
        foreach (var item in _items) yield return item;
        await Task.CompletedTask;
    }
}
