using System.Buffers;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.Benchmarks;

/// <summary>A channel, and subscribers that read it without HTTP: what the response's loop does, into a buffer that is reused.</summary>
internal sealed class Subscribers : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<Task> _loops = [];
    private readonly CountdownEvent _served = new(0);
    private long _last = -1;

    public Subscribers(int capacity)
    {
        _services = new ServiceCollection().AddEventStreams().AddChannel("feed", o => o.Capacity = capacity).Services.AddLogging()
            .AddMetrics().BuildServiceProvider();
        Channel = _services.GetRequiredService<EventStreamHub>().GetChannel("feed");
    }

    public EventStreamChannel Channel { get; }

    public Subscriber Open(long after)
    {
        var position = new EventStreamPosition(Channel.Registry.Get(Channel.Name).History!.Epoch, after).ToString();
        ChannelOpening opening = new(
            Channel.Registry,
            [new(Channel.Name, Channel.Definition, History: null)],
            subscription: null,
            EventStreamProtocol.Default,
            StreamIdentity.OfLoop(user: null, Channel.Name),
            position,
            CancellationToken.None);
        return (Subscriber)opening.TryOpen(since: null, hasCaughtUp: true)!;
    }

    public void Add(int count)
    {
        for (var i = 0; i < count; i++) _loops.Add(ReadAsync(Open(Channel.Newest!.Value.Sequence)));
    }

    /// <summary>
    /// Has <see cref="AwaitAll"/> wait until every subscriber has written all up to this message; called before it is published.
    /// </summary>
    public void Expect(long last)
    {
        _served.Reset(_loops.Count);
        Volatile.Write(ref _last, last);
    }

    public void AwaitAll() => _served.Wait();

    public void Dispose()
    {
        Channel.CompleteAsync().GetAwaiter().GetResult();
        Task.WhenAll(_loops).GetAwaiter().GetResult();
        _served.Dispose();
        _services.Dispose();
    }

    private async Task ReadAsync(Subscriber subscriber)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var signal = new StreamSignal();
        PollResult polled;
        while ((polled = subscriber.Poll(signal)) != PollResult.Ended)
        {
            if (polled == PollResult.Pending)
            {
                await signal.WaitAsync();
                continue;
            }

            subscriber.WriteCurrent(output);
            output.ResetWrittenCount();
            if (subscriber.Position == Volatile.Read(ref _last)) _served.Signal();
        }

        await subscriber.DisposeAsync();
    }
}
