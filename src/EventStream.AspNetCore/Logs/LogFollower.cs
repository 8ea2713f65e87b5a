using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>Follows the log: reads what is new in the channels of this node into their rings, where all local subscribers read it.</summary>
/// <remarks>Two loops: one hears hints, the other reads. A hint that is missed, or a log that goes away, costs time, never a message.</remarks>
internal sealed class LogFollower(IEventStreamLog log, Func<string, DurableChannel?> find, Func<IEnumerable<DurableChannel>> all, TimeProvider time, ILogger logger)
{
    public const int PageLength = 512;
    public const int PageBytes = 256 * 1024;
    private const int MostRequests = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly HashSet<DurableChannel> _due = [];
    private TaskCompletionSource _hasDue = NewSignal();
    private bool _isAway;

    /// <summary>Has a channel read, soon.</summary>
    public void Follow(DurableChannel channel)
    {
        lock (_gate)
        {
            _due.Add(channel);
            _hasDue.TrySetResult();
        }
    }

    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(ListenAsync(stopping), ReadAsync(stopping));

    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var hint in log.FollowAsync(stopping))
                {
                    if (hint.Channel is { } name)
                    {
                        find(name)?.Hint(hint.Newest);
                        continue;
                    }

                    foreach (var channel in all()) Follow(channel);
                }
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                WentAway(exception);
            }
            catch
            {
                return;
            }

            await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var channels = Take();
            if (channels.Length == 0)
            {
                await _hasDue.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            try
            {
                var pages = await log.ReadAsync(Array.ConvertAll(channels, channel => channel.BeginRead()), stopping);
                for (var i = 0; i < channels.Length; i++)
                {
                    if (channels[i].Take(pages[i])) Follow(channels[i]);
                }

                CameBack();
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                WentAway(exception);
                foreach (var channel in channels) Follow(channel);
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch
            {
                return;
            }
        }
    }

    private DurableChannel[] Take()
    {
        lock (_gate)
        {
            DurableChannel[] channels = [.. _due.Take(MostRequests)];
            _due.ExceptWith(channels);
            if (_due.Count == 0 && _hasDue.Task.IsCompleted) _hasDue = NewSignal();
            return channels;
        }
    }

    private void WentAway(Exception exception)
    {
        lock (_gate)
        {
            if (_isAway) return;
            _isAway = true;
        }

        Log.LogWentAway(logger, exception);
    }

    private void CameBack()
    {
        lock (_gate)
        {
            if (!_isAway) return;
            _isAway = false;
        }

        Log.LogCameBack(logger);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
