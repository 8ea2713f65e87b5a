namespace Showcase.Trading;

/// <summary>Cuts the connection of one tab in the middle, and keeps it cut for ten beats: a train goes into a tunnel.</summary>
internal sealed class Cuts(Pace pace)
{
    private readonly Lock _gate = new();

    // Both owned by the gate.
    private readonly Dictionary<string, HttpContext> _streams = [];
    private readonly Dictionary<string, DateTime> _ends = [];

    /// <summary>How long a tab must still wait before it may connect; null if it may connect now.</summary>
    public TimeSpan? Remaining(string tab)
    {
        lock (_gate)
        {
            if (!_ends.TryGetValue(tab, out var end)) return null;
            var remaining = end - DateTime.UtcNow;
            if (remaining >= TimeSpan.FromMilliseconds(1)) return remaining;
            _ends.Remove(tab);
            return null;
        }
    }

    /// <summary>Takes in the stream that a tab opens, for as long as it is open.</summary>
    public void Add(string tab, HttpContext stream)
    {
        lock (_gate) _streams[tab] = stream;
        stream.Response.OnCompleted(() =>
        {
            lock (_gate)
            {
                if (_streams.GetValueOrDefault(tab) == stream) _streams.Remove(tab);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Cuts a tab's stream; false if it has none.</summary>
    public bool TryCut(string tab)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(tab, out var stream)) return false;
            foreach (var (other, end) in _ends)
            {
                if (end < DateTime.UtcNow) _ends.Remove(other);
            }

            _ends[tab] = DateTime.UtcNow + 10 * pace.Beat;
            stream.Abort();
            return true;
        }
    }
}
