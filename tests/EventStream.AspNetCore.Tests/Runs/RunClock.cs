using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>Moves the clocks of nodes one of which owns a run, no faster than it can renew its lease.</summary>
internal static class RunClock
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Advances second by second until a condition is true. It waits for a renewal after three seconds without one.</summary>
    public static async Task AdvanceUntil(Nodes nodes, Func<bool> condition)
    {
        var (renewals, seconds) = (nodes.Log.Renewals, 0);
        while (!condition())
        {
            nodes.Advance(Second);

            // What a renewal does after its answer runs on the thread pool, and no later renewal begins before.
            await Task.Delay(TimeSpan.FromMilliseconds(1));
            if (++seconds >= 3) await Soon.Until(() => condition() || nodes.Log.Renewals > renewals, "the lease is renewed");
            if (nodes.Log.Renewals > renewals) (renewals, seconds) = (nodes.Log.Renewals, 0);
        }
    }

    /// <summary>Advances by some seconds.</summary>
    public static Task AdvanceAsync(Nodes nodes, int seconds)
    {
        var until = nodes[0].Time.GetUtcNow() + (seconds * Second);
        return AdvanceUntil(nodes, () => nodes[0].Time.GetUtcNow() >= until);
    }
}
