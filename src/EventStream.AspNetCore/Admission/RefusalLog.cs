using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Admission;

/// <summary>Logs refused streams, each limit by itself.</summary>
internal sealed class RefusalLog(TimeProvider time, ILogger logger)
{
    // By the limit.
    private readonly LogPause[] _pauses = [.. Enum.GetValues<Limit>().Select(_ => new LogPause(time))];

    public void Add(Limit limit, string? endpoint)
    {
        if (_pauses[(int)limit].Count() is { } count) Log.StreamsRefused(logger, Refusal.OptionOf(limit), count, endpoint);
    }
}
