using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Responses;

/// <summary>The faults of streams, and what follows from them for the clients and for the log.</summary>
/// <remarks>The reconnection time of an endpoint's clients is doubled with each further fault, up to 60 s.</remarks>
internal sealed class StreamFaults(TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Within this time, the runs of a node that has died are ended: each when its own lease is over.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(10);

    // Weak, because endpoints are replaced when the app's routes change, and a streak must not keep one in memory.
    private readonly ConditionalWeakTable<Endpoint, Streak> _streaks = [];

    // Weak, as the streaks. The value has no meaning.
    private readonly ConditionalWeakTable<Exception, object> _logged = [];

    /// <summary>Marks the failure of a run, which was logged, so that the streams of its readers do not log it again.</summary>
    public void MarkLogged(Exception fault) => _logged.AddOrUpdate(fault, this);

    /// <summary>Whether a fault is the failure of a run, which was logged.</summary>
    public bool IsLogged(Exception fault) => _logged.TryGetValue(fault, out _);

    /// <summary>Counts a fault, and returns the reconnection time.</summary>
    /// <remarks>
    /// A fault that ends several streams, such as a failed run, counts once. So do several runs that fail within <see cref="Together"/>,
    /// because one node that dies fails all of its runs.
    /// </remarks>
    public TimeSpan Failed(Endpoint? endpoint, Exception fault, TimeSpan first)
    {
        var together = IsLogged(fault) ? Together : TimeSpan.Zero;
        var faults = endpoint is null ? 0 : Math.Min(_streaks.GetOrCreateValue(endpoint).Count(fault, together, time) - 1, 20);
        var wait = Jitter.Lengthen(first * Math.Pow(2, faults));
        var longest = first < Longest ? Longest : first;
        return wait < longest ? wait : Jitter.Shorten(longest);
    }

    /// <summary>Ends the streak, because a stream of the endpoint has ended without a fault.</summary>
    public void Recovered(Endpoint? endpoint)
    {
        if (endpoint is not null && _streaks.TryGetValue(endpoint, out var streak)) Volatile.Write(ref streak.Faults, 0);
    }

    private sealed class Streak
    {
        public int Faults;
        private readonly Lock _gate = new();

        // Under _gate; weak, because an exception may keep many objects in memory.
        private WeakReference<Exception>? _last;

        // Under _gate: when a fault was counted last.
        private long _countedAt;

        public int Count(Exception fault, TimeSpan together, TimeProvider time)
        {
            lock (_gate)
            {
                if (_last is not null && _last.TryGetTarget(out var last) && ReferenceEquals(last, fault)) return Math.Max(1, Faults);
                if (Faults > 0 && time.GetElapsedTime(_countedAt) < together) return Faults;
                (_last, _countedAt) = (new(fault), time.GetTimestamp());
                return ++Faults;
            }
        }
    }
}
