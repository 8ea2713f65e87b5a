using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>
/// Follows the log: reads what is new in the channels of this node into their rings, where all local subscribers read it.
/// </summary>
/// <remarks>
/// Two loops: one hears hints, the other reads. A hint that is missed, or a log that goes away, costs time, never a message.
/// </remarks>
internal sealed class LogFollower(
    IEventStreamLog log, Func<string, LogBacking?> find, Func<IEnumerable<LogBacking>> all, TimeProvider time, ILogger logger)
{
    public const int PageLength = 512;
    public const int PageBytes = 256 * 1024;
    private const int MostRequests = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly HashSet<LogBacking> _due = [];
    private readonly Queue<LogBacking> _order = [];
    private readonly Queue<LogBacking> _first = [];
    private readonly HashSet<LogBacking> _refused = [];
    private readonly HashSet<LogBacking> _pausing = [];
    private TaskCompletionSource _hasDue = NewSignal();
    private string? _failure;

    /// <summary>Why the log is unavailable; null: it is not, or has not been asked yet.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    /// <summary>Has a channel read, soon.</summary>
    public void Follow(LogBacking channel)
    {
        lock (_gate)
        {
            if (_pausing.Contains(channel)) return;
            if (_due.Add(channel)) (channel.IsFirst ? _first : _order).Enqueue(channel);
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
                Turn turn = default;
                await foreach (var hint in log.FollowAsync(stopping))
                {
                    // Hints that never wait would keep the thread on which the host starts, and the loop when it stops.
                    if (stopping.IsCancellationRequested) return;
                    if (turn.IsOver()) await Task.Yield();
                    if (hint.Channel is { } name)
                    {
                        find(name)?.Hint(hint.Newest ?? long.MaxValue);
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
            var channels = Array.FindAll(Take(), channel => !GaveUp(channel));
            if (channels.Length == 0)
            {
                await _hasDue.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await ReadAsync(channels, stopping);
        }
    }

    /// <summary>Reads what is new in some channels. A channel that the log refuses to read must not keep the others from theirs.</summary>
    private async Task ReadAsync(LogBacking[] channels, CancellationToken stopping)
    {
        var bisection = new Bisection();
        for (var at = 0; at < channels.Length;)
        {
            var part = channels[at..(at + bisection.Next(channels.Length - at))];
            try
            {
                await ReadTogetherAsync(part, stopping);
                CameBack(part);
                bisection.Accept(part.Length);
            }
            catch when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (EventStreamLogException exception) when (exception.IsTransient || exception.RejectsAll)
            {
                WentAway(exception);
                foreach (var channel in channels[at..]) Follow(channel);
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
            catch (Exception exception)
            {
                if (!bisection.Reject(part.Length)) continue;
                WasRefused(part[0], exception);
                AppTask.Run(() => FollowLaterAsync(part[0], stopping));
            }

            at += part.Length;
        }
    }

    private async Task ReadTogetherAsync(LogBacking[] channels, CancellationToken stopping)
    {
        var pages = await log.ReadAsync(Array.ConvertAll(channels, channel => channel.BeginRead()), stopping);
        for (var i = 0; i < channels.Length; i++)
        {
            if (channels[i].Take(pages[i])) Follow(channels[i]);
        }
    }

    private async Task FollowLaterAsync(LogBacking channel, CancellationToken stopping)
    {
        await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate) _pausing.Remove(channel);
        Follow(channel);
    }

    /// <summary>Gives up a channel that is retired, because another has taken its place.</summary>
    private bool GaveUp(LogBacking channel)
    {
        if (!channel.IsRetired) return false;
        lock (_gate) _refused.Remove(channel);
        channel.GiveUp();
        return true;
    }

    private LogBacking[] Take()
    {
        lock (_gate)
        {
            var channels = new LogBacking[Math.Min(_due.Count, MostRequests)];
            for (var i = 0; i < channels.Length; i++) _due.Remove(channels[i] = (_first.Count > 0 ? _first : _order).Dequeue());
            if (_due.Count == 0 && _hasDue.Task.IsCompleted) _hasDue = NewSignal();
            return channels;
        }
    }

    /// <summary>Said once, until it is read again.</summary>
    private void WasRefused(LogBacking channel, Exception exception)
    {
        lock (_gate)
        {
            // What came meanwhile is read with the rest after the pause.
            _pausing.Add(channel);
            if (!_refused.Add(channel)) return;
        }

        Log.ChannelNotRead(logger, exception, channel.Name);
    }

    private void WentAway(Exception exception)
    {
        lock (_gate)
        {
            var wasAway = _failure is not null;
            _failure = exception.Message;
            if (wasAway) return;
        }

        Log.LogUnavailable(logger, exception);
    }

    private void CameBack(LogBacking[] channels)
    {
        lock (_gate)
        {
            _refused.ExceptWith(channels);
            if (_failure is null) return;
            _failure = null;
        }

        Log.LogAvailableAgain(logger);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
