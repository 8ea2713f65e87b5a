using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>The log texts of the package, under the category <c>EventStream.AspNetCore</c>.</summary>
internal static partial class Log
{
    public const string Category = "EventStream.AspNetCore";

    [LoggerMessage(1, LogLevel.Debug, "The event stream of {Endpoint} ended: {Reason}.")]
    public static partial void StreamEnded(ILogger logger, string? endpoint, Responses.EndReason reason);

    [LoggerMessage(2, LogLevel.Debug, "The source of {Endpoint} threw after its cancellation ({Reason}). The exception is ignored.")]
    public static partial void SourceThrewWhileStopping(ILogger logger, Exception exception, string? endpoint, Responses.EndReason reason);

    [LoggerMessage(3, LogLevel.Warning,
        "The source of {Endpoint} did not stop within {Timeout} of its cancellation and was abandoned; it still runs. "
        + "Pass the enumerator's token ([EnumeratorCancellation]) to everything it awaits.")]
    public static partial void SourceAbandoned(ILogger logger, string? endpoint, TimeSpan timeout);

    [LoggerMessage(4, LogLevel.Information,
        "The source of {Endpoint} failed, and its stream was aborted; the client reconnects after {Retry}. "
        + "The server logs the exception: fix the source, or set OnError.")]
    public static partial void SourceFailed(ILogger logger, string? endpoint, TimeSpan retry);

    [LoggerMessage(5, LogLevel.Warning, "The source of {Endpoint} failed; its stream ended with a last message.")]
    public static partial void SourceFailedWithLastMessage(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(59, LogLevel.Information, "The run that {Endpoint} streams failed; OnError ended the stream with a last message.")]
    public static partial void RunFailedWithLastMessage(ILogger logger, string? endpoint);

    [LoggerMessage(60, LogLevel.Information,
        "The run that {Endpoint} streams failed, and the stream was aborted; the client reconnects after {Retry}.")]
    public static partial void StreamOfFailedRunAborted(ILogger logger, string? endpoint, TimeSpan retry);

    [LoggerMessage(6, LogLevel.Warning, "A message of {Endpoint} could not be written; OnError skipped it.")]
    public static partial void MessageSkipped(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(7, LogLevel.Information,
        "The stream of {Endpoint} was aborted: its client stopped reading for {Timeout}, the WriteTimeout.")]
    public static partial void ReaderStalled(ILogger logger, string? endpoint, TimeSpan timeout);

    [LoggerMessage(8, LogLevel.Warning,
        "{Endpoint} streams events, and its metadata does not say so, so {Middleware} would break the stream. "
        + "Call .WithEventStreamDefaults() on the endpoint or its group, or give the handler the return type EventStreamResult.")]
    public static partial void EndpointLacksMetadata(ILogger logger, string? endpoint, string middleware);

    [LoggerMessage(9, LogLevel.Error,
        "OnError of {Endpoint} threw, or its last message could not be written. "
        + "The error that OnError was called for is treated as a fault. Fix OnError.")]
    public static partial void OnErrorThrew(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(10, LogLevel.Warning,
        "{Endpoint} streams events, and {Middleware}, which a call or an attribute sets on it, would break the stream. "
        + "Remove that call or attribute.")]
    public static partial void EndpointOverridesMetadata(ILogger logger, string? endpoint, string middleware);

    [LoggerMessage(11, LogLevel.Warning,
        "{Endpoint} streams events, and a middleware has replaced the response's body by a {Stream}, which collects them. "
        + "The client gets nothing before the stream ends, and memory grows until then. "
        + "Keep that middleware off this endpoint, with UseWhen for example, or make it pass on every write and flush.")]
    public static partial void BodyIsCollected(ILogger logger, string? endpoint, string stream);

    [LoggerMessage(12, LogLevel.Error,
        "The run of the channel {Channel} failed. The streams of its subscribers end, and the next call of Run starts it again.")]
    public static partial void RunFailed(ILogger logger, Exception exception, string channel);

    [LoggerMessage(13, LogLevel.Debug, "The producer of the channel {Channel} threw after its run had ended. The exception is ignored.")]
    public static partial void RunThrewAfterItsEnd(ILogger logger, Exception exception, string channel);

    [LoggerMessage(14, LogLevel.Error, "OnJoined or OnLeft of the channel {Channel} threw. The stream continues.")]
    public static partial void ObserverThrew(ILogger logger, Exception exception, string channel);

    [LoggerMessage(15, LogLevel.Warning,
        "The log behind the channels is unavailable. Subscribers stay connected and wait, and publishing fails, until it is available. "
        + "Check that this node can reach the log's store.")]
    public static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(16, LogLevel.Information, "The log behind the channels is available again.")]
    public static partial void LogAvailableAgain(ILogger logger);

    [LoggerMessage(17, LogLevel.Debug, "This node could not report its subscribers to the other nodes. It will report all of them again.")]
    public static partial void PresenceNotReported(ILogger logger, Exception exception);

    [LoggerMessage(18, LogLevel.Warning,
        "The log behind the channels did not answer, so no stream could open for a client of {Endpoint}. "
        + "The client was asked to retry. Check that this node can reach the log's store.")]
    public static partial void LogDidNotAnswer(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(19, LogLevel.Warning,
        "The log behind the channels rejects reads of the channel {Channel}; its subscribers wait until a read succeeds. "
        + "See the exception for the cause.")]
    public static partial void ChannelNotRead(ILogger logger, Exception exception, string channel);

    [LoggerMessage(20, LogLevel.Warning,
        "This node cannot {Action} the channel $nodes of the log. "
        + "Until it can, it holds all messages for named users, whose streams stay connected. "
        + "Check that it can reach the log, or stop it.")]
    public static partial void NodeHolds(ILogger logger, string action);

    [LoggerMessage(21, LogLevel.Information,
        "This node has read the channel $nodes of the log again. It delivers to named users again, after {Held}.")]
    public static partial void NodeDelivers(ILogger logger, TimeSpan held);

    [LoggerMessage(22, LogLevel.Warning,
        "The nodes {Nodes} did not confirm within {Timeout} that they have ended the revoked streams. "
        + "They deliver nothing to named users until they have read the revocation. "
        + "Check that they run and can reach the log, or stop them.")]
    public static partial void RevocationUnconfirmed(ILogger logger, string nodes, TimeSpan timeout);

    [LoggerMessage(23, LogLevel.Warning,
        "The log behind the channels has not returned from {Count} calls of {Call}, which were abandoned; the last one after {Waited}. "
        + "Make {Call} throw soon when it cannot reach its store.")]
    public static partial void LogAbandoned(ILogger logger, int count, string call, TimeSpan waited);

    [LoggerMessage(24, LogLevel.Information,
        "A subscriber of the channel {Channel} is too slow: it lost messages again after a snapshot. "
        + "Its next snapshots come at growing intervals. Raise the channel's Capacity, or make OnGap or the client faster.")]
    public static partial void SubscriberIsSlow(ILogger logger, string channel);

    [LoggerMessage(25, LogLevel.Warning,
        "{What} of {Endpoint} did not return within {Timeout} and was abandoned; it still runs. "
        + "Pass HttpContext.RequestAborted to everything it awaits.")]
    public static partial void CallAbandoned(ILogger logger, string what, string? endpoint, TimeSpan timeout);

    [LoggerMessage(26, LogLevel.Warning,
        "Checks of the rights of open streams failed: {Count} since the last of these entries, the last one of {Endpoint}. "
        + "A stream whose checks fail for longer than ReauthorizationGrace ends. "
        + "Fix the cause in the exception, such as the store that a policy or OnReauthorize reads.")]
    public static partial void ReauthorizationFailed(ILogger logger, Exception exception, int count, string? endpoint);

    [LoggerMessage(37, LogLevel.Error,
        "A lease of EventStreamLimitOptions.Limiter threw when a stream of {Endpoint} returned it. Make its Dispose not throw.")]
    public static partial void LeaseThrew(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(40, LogLevel.Information,
        "The host stops: {Streams} streams end within {DrainTimeout}. The server accepts requests meanwhile. "
        + "A second signal ends them now.")]
    public static partial void DrainBegan(ILogger logger, int streams, TimeSpan drainTimeout);

    [LoggerMessage(41, LogLevel.Information, "The streams have drained for {Elapsed}. {Streams} were left, and end now.")]
    public static partial void DrainEnded(ILogger logger, TimeSpan elapsed, int streams);

    [LoggerMessage(50, LogLevel.Error,
        "OnError of the run of the channel {Channel} threw, or its last message could not be published. "
        + "The streams of the run's subscribers are aborted. Fix OnError.")]
    public static partial void OnErrorOfRunThrew(ILogger logger, Exception exception, string channel);

    [LoggerMessage(51, LogLevel.Information,
        "This node does not hold the run of the channel {Channel} any more: another node has taken it over or ended it, "
        + "or the channel was completed by hand. Its producer was stopped.")]
    public static partial void RunLost(ILogger logger, string channel);

    [LoggerMessage(52, LogLevel.Warning,
        "This node could not renew its lease of the run of the channel {Channel} within {Lease}, so its producer was stopped. "
        + "Check that this node can reach the log's store.")]
    public static partial void RunLeaseOver(ILogger logger, string channel, TimeSpan lease);

    [LoggerMessage(53, LogLevel.Warning,
        "The log did not store that the run of the channel {Channel} has ended ({State}). "
        + "When its lease is over, the other nodes end it as failed, or take it over. Check that this node can reach the log's store.")]
    public static partial void RunEndNotStored(ILogger logger, Exception exception, string channel, EventStreamRunState state);

    [LoggerMessage(54, LogLevel.Warning,
        "The run of the channel {Channel} was ended ({State}), because the node {Node} has not renewed its lease. "
        + "Look whether that node has died, or cannot reach the log's store.")]
    public static partial void RunAbandoned(ILogger logger, string channel, string node, EventStreamRunState state);

    [LoggerMessage(55, LogLevel.Information, "This node has taken over the run of the channel {Channel}, after {Messages} messages.")]
    public static partial void RunTakenOver(ILogger logger, string channel, long messages);

    [LoggerMessage(56, LogLevel.Debug, "The leases of {Count} runs could not be renewed. This node tries again every second.")]
    public static partial void RunsNotRenewed(ILogger logger, Exception exception, int count);

    [LoggerMessage(57, LogLevel.Debug, "A call of the log about runs of other nodes failed. This node tries again in a few seconds.")]
    public static partial void RunsNotWatched(ILogger logger, Exception exception);

    [LoggerMessage(58, LogLevel.Warning,
        "hub.Run was called for the channel {Channel}, and the run was never started. "
        + "Return it with Results.EventStream, or call StartAsync and await it.")]
    public static partial void RunNeverStarted(ILogger logger, string channel);

    [LoggerMessage(61, LogLevel.Information,
        "An append of the run of the channel {Channel} failed, so this node has claimed the run again. "
        + "Its {Count} messages were in the log: {WereThere}. The run continues.")]
    public static partial void RunAppendFoundOut(ILogger logger, Exception exception, string channel, int count, bool wereThere);

    [LoggerMessage(30, LogLevel.Information,
        "A subscriber of the channel {Channel} lost messages ({Reason}). "
        + "Its protocol has no event for a gap, so it gets only the state of OnGap.")]
    public static partial void GapNotAnnounced(ILogger logger, string channel, string reason);

    [LoggerMessage(31, LogLevel.Information,
        "These channels are in the memory of this process: {Channels}. "
        + "Other nodes do not see their messages, and a restart loses them. "
        + "Keep them in a log, such as AddPostgreSql, or set InMemory on each to confirm that memory is intended.")]
    public static partial void ChannelsInMemory(ILogger logger, string channels);

    [LoggerMessage(36, LogLevel.Warning,
        "Streams were refused by the limit {Option}: {Count} since the last such entry, the last one of {Endpoint}. "
        + "Their clients were asked to return later. Raise the limit, add nodes, or look which clients open so many streams.")]
    public static partial void StreamsRefused(ILogger logger, string option, int count, string? endpoint);

    [LoggerMessage(62, LogLevel.Information,
        "UseIoUring has no effect: {Reason}. Each flush is a system call of its own.")]
    public static partial void IoUringUnavailable(ILogger logger, string reason);

    [LoggerMessage(63, LogLevel.Information,
        "UseDirectOutput has no effect, because no endpoint of the server is a socket of Kestrel's own transport. "
        + "Streams work as without it.")]
    public static partial void DirectOutputUnused(ILogger logger);
}
