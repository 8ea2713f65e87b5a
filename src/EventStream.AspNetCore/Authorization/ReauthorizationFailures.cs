using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Authorization;

/// <summary>Logs the checks of an app that failed: the first at once, and then one entry a minute with their number.</summary>
/// <remarks>If a database is down, the checks of thousands of streams fail, each of them every few seconds.</remarks>
internal sealed class ReauthorizationFailures(Clock clock, ILogger logger)
{
    private static readonly long Quiet = Clock.Ticks(TimeSpan.FromMinutes(1));

    private readonly Lock _gate = new();

    // Both under _gate.
    private long _quietUntil;
    private int _count;

    public void Add(string? endpoint, Exception exception)
    {
        int count;
        lock (_gate)
        {
            count = ++_count;
            if (clock.Now < _quietUntil) return;
            _quietUntil = clock.Now + Quiet;
            _count = 0;
        }

        Log.ReauthorizationFailed(logger, exception, count, endpoint);
    }
}
