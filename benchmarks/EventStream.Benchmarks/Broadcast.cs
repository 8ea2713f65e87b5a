using System.Net.ServerSentEvents;
using System.Threading.Channels;

namespace EventStream.Benchmarks;

/// <summary>
/// What one writes by hand around <c>TypedResults.ServerSentEvents</c>: a bounded queue a subscriber, each of which encodes every message.
/// </summary>
internal sealed class Broadcast(int capacity) : IDisposable
{
    private readonly List<Channel<SseItem<string>>> _queues = [];
    private readonly List<Task> _loops = [];
    private readonly CountdownEvent _served = new(0);
    private string _last = "";

    public void Add(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var queue = Channel.CreateBounded<SseItem<string>>(
                new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
            _queues.Add(queue);
            _loops.Add(SseFormatter.WriteAsync(ReadAsync(queue.Reader), Stream.Null));
        }
    }

    /// <summary>
    /// Has <see cref="AwaitAll"/> wait until every subscriber has written the message with this id; called before it is published.
    /// </summary>
    public void Expect(string last)
    {
        _served.Reset(_loops.Count);
        Volatile.Write(ref _last, last);
    }

    public void Publish(SseItem<string> item)
    {
        foreach (var queue in _queues) queue.Writer.TryWrite(item);
    }

    public void AwaitAll() => _served.Wait();

    public void Dispose()
    {
        foreach (var queue in _queues) queue.Writer.Complete();
        Task.WhenAll(_loops).GetAwaiter().GetResult();
        _served.Dispose();
    }

    private async IAsyncEnumerable<SseItem<string>> ReadAsync(ChannelReader<SseItem<string>> queue)
    {
        await foreach (var item in queue.ReadAllAsync())
        {
            yield return item;
            if (item.EventId == Volatile.Read(ref _last)) _served.Signal();
        }
    }
}
