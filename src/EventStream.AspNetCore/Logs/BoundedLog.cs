using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>The app's log, with calls that end in bounded time even if the log ignores their tokens.</summary>
/// <remarks>
/// An abandoned call counts as a lost connection. A read is tried again. The outcome of an append is unknown: if it still reaches the log,
/// its messages follow those that were appended meanwhile.
/// </remarks>
internal sealed class BoundedLog(IEventStreamLog log, LogCalls calls) : IEventStreamLog
{
    /// <summary>How long a call may take. It is longer than a log's own limits, whose exceptions give a reason.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Appends records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the app stops. The log's token is cancelled only when the append is abandoned, because the append may still have a
    /// known outcome within <see cref="ForeignCall.Moment"/>.
    /// </param>
    public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        return calls.EndsAsync(
            nameof(AppendAsync), log.AppendAsync(records, given.Token), given, Limit, writes: true, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        using var link = given.CancelWith(cancellationToken);
        return await calls.EndsAsync(
            nameof(ReadAsync), log.ReadAsync(requests, given.Token), given, Limit, writes: false, cancellationToken);
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
                // No limit, because a log without new messages gives no hint.
                move = hints.MoveNextAsync().AsTask();
                ValueTask<bool> moving = new(move);
                if (!await FollowsAsync(moving, Timeout.InfiniteTimeSpan)) break;
                yield return hints.Current;
            }
        }
        finally
        {
            // An enumerator must not be disposed of while it moves.
            if (move.IsCompleted) await FollowsAsync(DisposeAsync(hints), TimeSpan.Zero);
        }

        ValueTask<bool> FollowsAsync(ValueTask<bool> call, TimeSpan limit) =>
            calls.EndsAsync(nameof(FollowAsync), call, given, limit, writes: false, cancellationToken);
    }

    private static async ValueTask<bool> DisposeAsync(IAsyncDisposable hints)
    {
        await hints.DisposeAsync();
        return true;
    }
}
