using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>
/// The pages that resuming subscribers read, shared by all who come to the same place: two thousand that resume a channel cost the log what
/// one does.
/// </summary>
/// <remarks>
/// Pages begin at round sequences, so that subscribers with different positions meet in them. Bounded by bytes, and by age, because what is
/// old may be dropped from the log.
/// </remarks>
internal sealed class PageCache(LogReads reads, TimeProvider time, CancellationToken stopping)
{
    /// <summary>About as much as a subscriber takes in one burst, so that it needs a page once.</summary>
    private const int PageBytes = 64 * 1024;

    private const int PageLength = 128;
    private const long MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    // All under _gate. The pages by where they begin, the order in which they were asked for, and whether a task waits to drop them.
    private readonly Dictionary<(ChannelHistory History, long After), Task<LogPage>> _pages = [];
    private readonly Queue<((ChannelHistory History, long After) Place, long ReadAt)> _places = [];
    private long _bytes;
    private bool _isDropping;

    /// <summary>The page in which <paramref name="after"/> is; waits while the log is away.</summary>
    public async Task<LogPage> ReadAsync(LogBacking channel, ChannelHistory history, long after)
    {
        var round = after - (after % PageLength);
        var page = await GetAsync(channel, history, round);

        // Large messages end a page before its round length.
        return page.Through > after || round == after ? page : await GetAsync(channel, history, after);
    }

    private Task<LogPage> GetAsync(LogBacking channel, ChannelHistory history, long after)
    {
        lock (_gate)
        {
            Drop();
            var place = (history, after);
            if (_pages.TryGetValue(place, out var known)) return known;
            var page = LoadAsync(channel, history, after);
            _pages[place] = page;
            _places.Enqueue((place, time.GetTimestamp()));
            if (_isDropping) return page;
            _isDropping = true;
            AppTask.Run(DropAllAsync);
            return page;
        }
    }

    private async Task<LogPage> LoadAsync(LogBacking channel, ChannelHistory history, long after)
    {
        var read = await reads.ReadAsync(new(channel.Name, after, PageLength, PageBytes), isPatient: true);
        var page = channel.PageOf(history, after, read);
        lock (_gate) _bytes += page.Bytes;
        return page;
    }

    /// <summary>Drops old pages also when no other page is asked for, because a large one would stay otherwise.</summary>
    private async Task DropAllAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(MaxAge, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                Drop();
                _isDropping = _places.Count > 0;
                if (!_isDropping) return;
            }
        }
    }

    private void Drop()
    {
        for (var left = _places.Count; left > 0; left--)
        {
            var oldest = _places.Peek();
            if (_bytes <= MaxBytes && time.GetElapsedTime(oldest.ReadAt) <= MaxAge) break;
            _places.Dequeue();
            var page = _pages[oldest.Place];

            // A page that is still being read is kept, because subscribers wait for it. At the end of the queue, so that the others can be
            // dropped.
            if (!page.IsCompleted) _places.Enqueue((oldest.Place, time.GetTimestamp()));
            else if (_pages.Remove(oldest.Place) && page.IsCompletedSuccessfully) _bytes -= page.Result.Bytes;
        }
    }
}
