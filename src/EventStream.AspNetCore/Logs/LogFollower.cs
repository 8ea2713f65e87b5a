using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>Reads the log's new messages into the rings of this node's channels, from which all local subscribers read.</summary>
/// <remarks>
/// One loop gets the log's hints, and a second loop reads. A missed hint, or an unavailable log, delays messages, and loses none.
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
    private readonly HashSet<LogBacking> _rejected = [];
    private readonly HashSet<LogBacking> _pausing = [];
    private TaskCompletionSource _hasDue = NewSignal();
    private string? _failure;

    /// <summary>Why the log is unavailable; null if it is available, or was not called yet.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    /// <summary>Schedules a read of a channel.</summary>
    public void Follow(LogBacking channel)
    {
        lock (_gate)
        {
            if (_pausing.Contains(channel)) return;
            if (_due.Add(channel)) (channel.IsFirst ? _first : _order).Enqueue(channel);
            _hasDue.TrySetResult();
        }
    }

    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(FollowHintsAsync(stopping), ReadAsync(stopping));

    private async Task FollowHintsAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Turn turn = default;
                await foreach (var hint in log.FollowAsync(stopping))
                {
                    // If the log always has a hint ready, this loop would block the host's start, and would not end at its stop.
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
                MarkUnavailable(exception);
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
            var channels = Array.FindAll(Take(), channel => !TryGiveUp(channel));
            if (channels.Length == 0)
            {
                await _hasDue.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await ReadAsync(channels, stopping);
        }
    }

    /// <summary>
    /// Reads new messages of channels. If the log rejects a read, it is bisected, so that one channel does not block the others.
    /// </summary>
    private async Task ReadAsync(LogBacking[] channels, CancellationToken stopping)
    {
        var bisection = new Bisection();
        for (var at = 0; at < channels.Length;)
        {
            var part = channels[at..(at + bisection.Next(channels.Length - at))];
            try
            {
                await ReadTogetherAsync(part, stopping);
                MarkAvailable(part);
                bisection.Accept(part.Length);
            }
            catch when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (EventStreamLogException exception) when (exception.IsTransient || exception.RejectsAll)
            {
                MarkUnavailable(exception);
                foreach (var channel in channels[at..]) Follow(channel);
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
            catch (Exception exception)
            {
                if (!bisection.Reject(part.Length)) continue;
                MarkRejected(part[0], exception);
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

    /// <summary>Gives up a channel that is retired, because another object has replaced it.</summary>
    private bool TryGiveUp(LogBacking channel)
    {
        if (!channel.IsRetired) return false;
        lock (_gate) _rejected.Remove(channel);
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

    /// <summary>Pauses the reads of a channel, and logs the rejection once until a read succeeds.</summary>
    private void MarkRejected(LogBacking channel, Exception exception)
    {
        lock (_gate)
        {
            // Follow ignores the channel during the pause. The read after it also gets the messages of hints that arrived meanwhile.
            _pausing.Add(channel);
            if (!_rejected.Add(channel)) return;
        }

        Log.ChannelNotRead(logger, exception, channel.Name);
    }

    private void MarkUnavailable(Exception exception)
    {
        lock (_gate)
        {
            var wasUnavailable = _failure is not null;
            _failure = exception.Message;
            if (wasUnavailable) return;
        }

        Log.LogUnavailable(logger, exception);
    }

    private void MarkAvailable(LogBacking[] channels)
    {
        lock (_gate)
        {
            _rejected.ExceptWith(channels);
            if (_failure is null) return;
            _failure = null;
        }

        Log.LogAvailableAgain(logger);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
