using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>The calls of the app's log about runs, which end in bounded time even if the log ignores their tokens.</summary>
/// <remarks>
/// A call that lasts longer than a lease is of no use, because the others have ended the run by then. A renewal has less time, so that
/// another one can follow within the lease.
/// </remarks>
internal sealed class BoundedRunLog(IEventStreamRunLog log, LogCalls calls, TimeSpan lease)
{
    private static readonly TimeSpan RenewalLimit = TimeSpan.FromSeconds(1);

    public ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken) =>
        EndsAsync(nameof(ClaimRunAsync), lease, token => log.ClaimRunAsync(claim, token), writes: true, cancellationToken);

    public ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken) =>
        EndsAsync(nameof(TakeOverRunAsync), lease, token => log.TakeOverRunAsync(claim, token), writes: true, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan until, CancellationToken cancellationToken) =>
        EndsAsync(nameof(RenewRunsAsync), RenewalLimit, token => log.RenewRunsAsync(tokens, until, token), writes: true, cancellationToken);

    public ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken) =>
        EndsAsync(
            nameof(EndRunAsync),
            lease,
            given => log.EndRunAsync(channel, token, state, areReadersTold, given),
            writes: true,
            cancellationToken);

    public ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken) =>
        EndsAsync(nameof(RequestStopAsync), lease, token => log.RequestStopAsync(channel, epoch, token), writes: true, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(
        IReadOnlyList<string>? channels, CancellationToken cancellationToken) =>
        EndsAsync(nameof(ReadRunsAsync), lease, token => log.ReadRunsAsync(channels, token), writes: false, cancellationToken);

    public ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        EndsAsync(
            nameof(EndAbandonedRunsAsync), lease, token => log.EndAbandonedRunsAsync(patience, token), writes: true, cancellationToken);

    private async ValueTask<T> EndsAsync<T>(
        string name, TimeSpan limit, Func<CancellationToken, ValueTask<T>> call, bool writes, CancellationToken cancellationToken)
    {
        var given = new CancellationTokenSource();
        using var link = given.CancelWith(cancellationToken);
        return await calls.EndsAsync(name, call(given.Token), given, limit, writes, cancellationToken);
    }
}
