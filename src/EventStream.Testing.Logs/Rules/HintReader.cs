using System.Threading.Channels;

namespace EventStream.Testing.Logs.Rules;

/// <summary>Follows a log, as a node does, and records the hints after the first. For one wait at a time.</summary>
internal sealed class HintReader : IAsyncDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<EventStreamLogHint> _coming = Channel.CreateUnbounded<EventStreamLogHint>();
    private readonly List<EventStreamLogHint> _received = [];
    private Task _following = Task.CompletedTask;

    private HintReader(TimeSpan limit) => _limit = limit;

    /// <summary>The first hint.</summary>
    public EventStreamLogHint First { get; private set; }

    /// <summary>Returns after the first hint.</summary>
    public static async Task<HintReader> StartAsync(IEventStreamLog log, TimeSpan limit)
    {
        var reader = new HintReader(limit);
        reader._following = reader.FollowAsync(log);
        reader.First = await reader.NextAsync("the first hint");
        return reader;
    }

    /// <summary>Waits for a hint, for the channel or for all channels, that the message with a sequence may exist.</summary>
    public async Task ReceiveAsync(string channel, long newest)
    {
        while (!_received.Exists(IsIt)) _received.Add(await NextAsync($"a hint that '{channel}' has {newest}"));

        bool IsIt(EventStreamLogHint hint) => hint.Channel is null || (hint.Channel == channel && (hint.Newest ?? long.MaxValue) >= newest);
    }

    /// <summary>Cancels <c>FollowAsync</c>, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following.WithinAsync(_limit, "the end of FollowAsync after its token was cancelled");
        _stopping.Dispose();
    }

    private async Task<EventStreamLogHint> NextAsync(string what)
    {
        try
        {
            return await _coming.Reader.ReadAsync().AsTask().WithinAsync(_limit, what);
        }
        catch (ChannelClosedException exception)
        {
            throw new LogContractException(
                $"FollowAsync ended before its token was cancelled. The rule was waiting for {what}.", exception.InnerException);
        }
    }

    private async Task FollowAsync(IEventStreamLog log)
    {
        Exception? fault = null;
        try
        {
            await foreach (var hint in log.FollowAsync(_stopping.Token)) _coming.Writer.TryWrite(hint);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        _coming.Writer.TryComplete(fault);
    }
}
