using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Responses;

/// <summary>How long the clients of an endpoint are to wait after a fault: doubled with each fault in a row, up to 60 s.</summary>
internal sealed class FaultBackoff
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    // Endpoints come and go with an app's routes; a streak must not keep one alive.
    private readonly ConditionalWeakTable<Endpoint, Streak> _streaks = [];

    /// <summary>Counts a fault, and returns the wait. One that ends the streams of many, as a failed run's, is one.</summary>
    public TimeSpan Failed(Endpoint? endpoint, Exception fault, TimeSpan first)
    {
        var faults = endpoint is null ? 0 : Math.Min(_streaks.GetOrCreateValue(endpoint).Count(fault) - 1, 20);
        var wait = Jitter.Lengthen(first * Math.Pow(2, faults));
        var longest = first < Longest ? Longest : first;
        return wait < longest ? wait : Jitter.Shorten(longest);
    }

    /// <summary>Ends the streak: a stream of the endpoint came to its end, or was stopped, without a fault.</summary>
    public void Recovered(Endpoint? endpoint)
    {
        if (endpoint is not null && _streaks.TryGetValue(endpoint, out var streak)) Volatile.Write(ref streak.Faults, 0);
    }

    private sealed class Streak
    {
        public int Faults;
        private readonly Lock _gate = new();

        // Under _gate; weak, because a fault may hold much.
        private WeakReference<Exception>? _last;

        public int Count(Exception fault)
        {
            lock (_gate)
            {
                if (_last is not null && _last.TryGetTarget(out var last) && ReferenceEquals(last, fault)) return Math.Max(1, Faults);
                _last = new(fault);
                return ++Faults;
            }
        }
    }
}
