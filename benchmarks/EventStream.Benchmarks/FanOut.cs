using System.Net.ServerSentEvents;

namespace EventStream.Benchmarks;

/// <summary>
/// What does a message cost that is published and written for each subscriber, without HTTP? With none it is the price of publishing.
/// </summary>
[MemoryDiagnoser, MedianColumn, MinColumn]
public class FanOut
{
    private const int Burst = 100;
    private const int Capacity = 1024;
    private readonly string _text = new('x', 200);
    private Subscribers _subscribers = null!;
    private Broadcast _broadcast = null!;
    private long _number;

    [Params(0, 1, 1000)]
    public int Readers { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        _subscribers = new Subscribers(Capacity);
        _subscribers.Add(Readers);
        _broadcast = new Broadcast(Capacity);
        _broadcast.Add(Readers);
    }

    [GlobalCleanup]
    public void Leave()
    {
        _subscribers.Dispose();
        _broadcast.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Burst)]
    public void QueueEach()
    {
        _broadcast.Expect($"{_number + Burst}");
        for (var i = 0; i < Burst; i++) _broadcast.Publish(new SseItem<string>(_text) { EventId = $"{++_number}" });
        _broadcast.AwaitAll();
    }

    [Benchmark(OperationsPerInvoke = Burst)]
    public async Task SharedLog()
    {
        var channel = _subscribers.Channel;
        _subscribers.Expect(channel.Newest!.Value.Sequence + Burst);
        for (var i = 0; i < Burst; i++) await channel.PublishAsync(_text);
        _subscribers.AwaitAll();
    }
}
