using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Admission;

/// <summary>Logs refused streams, at most once a minute for each limit.</summary>
/// <remarks>A crowd of refused clients would otherwise fill the log. Each entry has the number of streams since the one before.</remarks>
internal sealed class RefusalLog(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    // By the limit, under _gate.
    private readonly (long? LoggedAt, int Count)[] _refused = new (long?, int)[Enum.GetValues<Limit>().Length];

    public void Add(Limit limit, string? endpoint)
    {
        int count;
        lock (_gate)
        {
            ref var refused = ref _refused[(int)limit];
            count = ++refused.Count;
            if (refused.LoggedAt is { } loggedAt && time.GetElapsedTime(loggedAt) < Pause) return;
            refused = (time.GetTimestamp(), 0);
        }

        Log.StreamsRefused(logger, Refusal.OptionOf(limit), count, endpoint);
    }
}
