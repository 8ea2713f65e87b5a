using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Pages of the log, shared by the subscribers that resume from them.</summary>
/// <remarks>
/// Two thousand subscribers that resume a channel cost the log as much as one. Pages begin at multiples of <see cref="PageLength"/>, so
/// that subscribers with different positions share them. The cache is bounded by bytes. It is also bounded by age, because the log may
/// evict old messages.
/// </remarks>
internal sealed class PageCache(LogReads reads, TimeProvider time, CancellationToken stopping)
{
    /// <summary>About as much as a subscriber reads in one burst, so that it reads each page once.</summary>
    private const int PageBytes = 64 * 1024;

    private const int PageLength = 128;
    private const long MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    // All under _gate: the pages by where they begin, the order in which they were requested, and whether a task waits to drop them.
    private readonly Dictionary<(ChannelHistory History, long After), Task<LogPage>> _pages = [];
    private readonly Queue<((ChannelHistory History, long After) Key, long ReadAt)> _order = [];
    private long _bytes;
    private bool _isDropping;

    /// <summary>Gets the page with the messages that follow a sequence; waits while the log is unavailable.</summary>
    public async Task<LogPage> ReadAsync(LogBacking channel, ChannelHistory history, long after)
    {
        var round = after - (after % PageLength);
        var page = await GetAsync(channel, history, round);

        // A page with large messages ends before PageLength.
        return page.Through > after || round == after ? page : await GetAsync(channel, history, after);
    }

    private Task<LogPage> GetAsync(LogBacking channel, ChannelHistory history, long after)
    {
        lock (_gate)
        {
            Drop();
            var key = (history, after);
            if (_pages.TryGetValue(key, out var known)) return known;
            var page = LoadAsync(channel, history, after);
            _pages[key] = page;
            _order.Enqueue((key, time.GetTimestamp()));
            if (_isDropping) return page;
            _isDropping = true;
            AppTask.Run(DropAllAsync);
            return page;
        }
    }

    private async Task<LogPage> LoadAsync(LogBacking channel, ChannelHistory history, long after)
    {
        var read = await reads.ReadAsync(new(channel.Name, after, PageLength, PageBytes), waitsForLog: true);
        var page = channel.PageOf(history, after, read);
        lock (_gate) _bytes += page.Bytes;
        return page;
    }

    /// <summary>Drops old pages also when no other page is requested, so that a large one does not stay in memory.</summary>
    private async Task DropAllAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(MaxAge, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                Drop();
                _isDropping = _order.Count > 0;
                if (!_isDropping) return;
            }
        }
    }

    private void Drop()
    {
        for (var left = _order.Count; left > 0; left--)
        {
            var oldest = _order.Peek();
            if (_bytes <= MaxBytes && time.GetElapsedTime(oldest.ReadAt) <= MaxAge) break;
            _order.Dequeue();
            var page = _pages[oldest.Key];

            // A page that is still being read is kept, because subscribers wait for it. It moves to the end of the queue, so that the pages
            // behind it can be dropped.
            if (!page.IsCompleted) _order.Enqueue((oldest.Key, time.GetTimestamp()));
            else if (_pages.Remove(oldest.Key) && page.IsCompletedSuccessfully) _bytes -= page.Result.Bytes;
        }
    }
}
