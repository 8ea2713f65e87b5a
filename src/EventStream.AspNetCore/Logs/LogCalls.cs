using System.Collections.Concurrent;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>Bounds the calls of the app's log, which may ignore their tokens.</summary>
internal sealed class LogCalls(TimeProvider time, ILogger logger)
{
    // By the name of the log's method. A log that hangs would otherwise cause an entry for each call.
    private readonly ConcurrentDictionary<string, LogPause> _pauses = new(StringComparer.Ordinal);

    /// <summary>Waits for a call, and abandons it when its time is over.</summary>
    /// <param name="name">The name of the log's method.</param>
    /// <param name="call">The call.</param>
    /// <param name="given">The source of the token that the call was given.</param>
    /// <param name="limit">How long the call may take.</param>
    /// <param name="writes">Whether the call may have changed something.</param>
    /// <param name="stop">Cancelled when the result is not needed any more.</param>
    /// <exception cref="EventStreamLogException">The call was abandoned.</exception>
    public async ValueTask<T> EndsAsync<T>(
        string name, ValueTask<T> call, CancellationTokenSource given, TimeSpan limit, bool writes, CancellationToken stop)
    {
        if (call.IsCompleted) return await call;
        var began = time.GetTimestamp();
        var calling = call.AsTask();
        if (await calling.ReturnsAsync(time, limit, ForeignCall.Moment, stop)) return await calling;
        given.CancelAsync().Abandon();
        var waited = time.GetElapsedTime(began);
        if (_pauses.GetOrAdd(name, _ => new(time)).Count() is { } count) Log.LogAbandoned(logger, count, name, waited);
        throw new EventStreamLogException(
            $"The log did not return from {name} within {waited}, so the call was abandoned. "
            + "Make the log throw soon when it cannot reach its store.")
        {
            IsTransient = true,
            IsOutcomeUnknown = writes,
        };
    }
}
