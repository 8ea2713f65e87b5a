using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>The app's log, each call of which ends in bounded time, whatever the log does with its token.</summary>
/// <remarks>
/// A call that is abandoned counts as one whose connection was lost. A read is tried again. What becomes of an append is not known: if it
/// still reaches the log, its messages come after those that were appended meanwhile.
/// </remarks>
internal sealed class BoundedLog(IEventStreamLog log, TimeProvider time, ILogger logger) : IEventStreamLog
{
    /// <summary>Longer than a log's own limits, which end a call with a reason.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Appends records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the app stops. The log is not told before the append is abandoned, because it may come to a known outcome within its
    /// moment.
    /// </param>
    public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        return EndsAsync(nameof(AppendAsync), log.AppendAsync(records, given.Token), given, Limit, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        using var link = given.CancelWith(cancellationToken);
        return await EndsAsync(nameof(ReadAsync), log.ReadAsync(requests, given.Token), given, Limit, cancellationToken);
    }

    public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        using var link = given.CancelWith(cancellationToken);
        var hints = log.FollowAsync(given.Token).GetAsyncEnumerator(given.Token);
        var move = Task.FromResult(true);
        try
        {
            while (true)
            {
                // A log without news is silent for as long as it likes.
                move = hints.MoveNextAsync().AsTask();
                ValueTask<bool> moving = new(move);
                if (!await EndsAsync(nameof(FollowAsync), moving, given, Timeout.InfiniteTimeSpan, cancellationToken)) break;
                yield return hints.Current;
            }
        }
        finally
        {
            // An enumerator must not be disposed of while it moves.
            if (move.IsCompleted) await EndsAsync(nameof(FollowAsync), DisposeAsync(hints), given, TimeSpan.Zero, cancellationToken);
        }
    }

    private async ValueTask<T> EndsAsync<T>(
        string name, ValueTask<T> call, CancellationTokenSource given, TimeSpan limit, CancellationToken stop)
    {
        if (call.IsCompleted) return await call;
        var began = time.GetTimestamp();
        var calling = call.AsTask();
        if (await calling.ReturnsAsync(time, limit, ForeignCall.Moment, stop)) return await calling;
        given.CancelAsync().Abandon();
        var waited = time.GetElapsedTime(began);
        Log.LogAbandoned(logger, name, waited);
        throw new EventStreamLogException(
            $"The log has not returned from {name} after {waited}, and the call was abandoned. "
            + "Make the log throw soon when it cannot reach its store.")
        {
            IsTransient = true,
            IsOutcomeUnknown = name == nameof(AppendAsync),
        };
    }

    private static async ValueTask<bool> DisposeAsync(IAsyncDisposable hints)
    {
        await hints.DisposeAsync();
        return true;
    }
}
