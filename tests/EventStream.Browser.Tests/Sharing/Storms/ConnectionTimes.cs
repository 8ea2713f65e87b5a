using System.Globalization;

namespace EventStream.Browser.Tests.Sharing.Storms;

/// <summary>How many connections the server had at which time.</summary>
/// <remarks>
/// A frozen tab cannot close its connection, so such a connection does not count from the freeze until a second after it. Beside the one
/// that all share, there may be those of tabs that are catching up, and the old and the new one at a hand-over. None of these may last
/// longer than the 3 s after which a frozen tab has been replaced: until then, new tabs read by themselves.
/// </remarks>
internal sealed class ConnectionTimes
{
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Waking = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<int, TimeSpan> _times = [];
    private readonly TimeSpan _longest;
    private readonly int _connections;

    public ConnectionTimes(
        IReadOnlyList<StreamConnection> connections, IReadOnlyList<Freeze> freezes, DateTimeOffset start, DateTimeOffset end)
    {
        _connections = connections.Count(connection => connection.Opened > start);
        var moments = connections.SelectMany(connection => new[] { connection.Opened, connection.Closed ?? end })
            .Concat(freezes.SelectMany(freeze => new[] { freeze.Start, (freeze.End ?? end) + Waking }))
            .Append(start).Append(end)
            .Where(moment => moment >= start && moment <= end).Order().Distinct().ToList();
        TimeSpan overlap = default;
        foreach (var (from, to) in moments.Zip(moments.Skip(1)))
        {
            var count = connections.Count(connection =>
                connection.Opened <= from && (connection.Closed ?? end) >= to
                && !freezes.Any(freeze => freeze.Tab == connection.Tab && freeze.Start <= from && (freeze.End ?? end) + Waking >= to));
            _times[count] = _times.GetValueOrDefault(count) + (to - from);
            overlap = count > 1 ? overlap + (to - from) : default;
            if (overlap > _longest) _longest = overlap;
        }
    }

    public IEnumerable<string> Faults =>
        _longest > LongestOverlap ? [$"there were several connections for {_longest.TotalSeconds:0.0} s"] : [];

    public override string ToString() =>
        $"{_connections} connections; at one time {string.Join(", ", _times.Select(pair => $"{pair.Key}: {Seconds(pair.Value)}"))}; "
        + $"several for {Seconds(_longest)} at most";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
}
