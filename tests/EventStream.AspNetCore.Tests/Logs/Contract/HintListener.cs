using System.Collections.Concurrent;
using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Follows a log, as a node does, and remembers what it heard after the first hint.</summary>
internal sealed class HintListener : IAsyncDisposable
{
    private readonly ConcurrentQueue<EventStreamLogHint> _heard = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _following = Task.CompletedTask;

    private HintListener()
    {
    }

    /// <summary>Returns when it has heard the first hint.</summary>
    public static async Task<HintListener> StartAsync(IEventStreamLog log)
    {
        var listener = new HintListener();
        listener._following = listener.FollowAsync(log);
        await Soon.OrFail(await Task.WhenAny(listener._first.Task, listener._following));
        return listener;
    }

    /// <summary>Waits until it has heard that a channel may have the message with a sequence.</summary>
    public Task HearAsync(string channel, long newest) => Soon.Until(() => _heard.Any(hint => hint.Channel == channel && hint.Newest >= newest), $"a hint that {channel} has {newest}");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Soon.OrFail(_following);
        _stopping.Dispose();
    }

    private async Task FollowAsync(IEventStreamLog log)
    {
        try
        {
            await foreach (var hint in log.FollowAsync(_stopping.Token))
            {
                if (!_first.TrySetResult()) _heard.Enqueue(hint);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }
}
