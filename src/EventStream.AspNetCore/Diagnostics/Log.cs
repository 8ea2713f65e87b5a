using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>Everything the package logs, under the category <c>EventStream.AspNetCore</c>.</summary>
internal static partial class Log
{
    public const string Category = "EventStream.AspNetCore";

    [LoggerMessage(1, LogLevel.Debug, "The event stream of {Endpoint} ended: {Reason}.")]
    public static partial void StreamEnded(ILogger logger, string? endpoint, Responses.EndReason reason);

    [LoggerMessage(2, LogLevel.Debug, "The source of {Endpoint} threw while it was being stopped ({Reason}).")]
    public static partial void SourceThrewWhileStopping(ILogger logger, Exception exception, string? endpoint, Responses.EndReason reason);

    [LoggerMessage(3, LogLevel.Warning, "The source of {Endpoint} did not stop within {Timeout} of its cancellation and was abandoned; it still runs. Pass the enumerator's token ([EnumeratorCancellation]) to everything it awaits.")]
    public static partial void SourceAbandoned(ILogger logger, string? endpoint, TimeSpan timeout);

    [LoggerMessage(4, LogLevel.Information, "The source of {Endpoint} failed and its stream is cut; the client was told to come back in {Retry}. The server logs the exception.")]
    public static partial void SourceFailed(ILogger logger, string? endpoint, TimeSpan retry);

    [LoggerMessage(5, LogLevel.Warning, "The source of {Endpoint} failed; OnError ended its stream with a last message.")]
    public static partial void SourceFailedWithLastMessage(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(6, LogLevel.Warning, "A message of {Endpoint} could not be written; OnError left it out.")]
    public static partial void MessageSkipped(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(7, LogLevel.Information, "A client of {Endpoint} stopped reading for {Timeout} and was cut.")]
    public static partial void ReaderStalled(ILogger logger, string? endpoint, TimeSpan timeout);

    [LoggerMessage(8, LogLevel.Warning, "{Endpoint} streams events, and nothing in its metadata says so, so {Middleware} would break it. Call .WithEventStreamDefaults() on the endpoint or its group, or give the handler the return type EventStreamResult.")]
    public static partial void EndpointLacksMetadata(ILogger logger, string? endpoint, string middleware);

    [LoggerMessage(9, LogLevel.Error, "OnError of {Endpoint} threw, or its last message could not be written; the error that it was asked about is treated as a fault.")]
    public static partial void OnErrorThrew(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(10, LogLevel.Warning, "{Endpoint} streams events, and {Middleware}, asked for by a call or an attribute on it, would break it. Remove that.")]
    public static partial void EndpointOverridesMetadata(ILogger logger, string? endpoint, string middleware);

    [LoggerMessage(11, LogLevel.Warning, "{Endpoint} streams events, and a middleware has replaced the response's body by a {Stream}, which collects them: the client gets nothing before the stream ends, and memory grows until then. Keep that middleware off this endpoint, with UseWhen for example, or have it pass on what is written and flushed.")]
    public static partial void BodyIsCollected(ILogger logger, string? endpoint, string stream);

    [LoggerMessage(12, LogLevel.Error, "The run of the channel {Channel} failed. Its readers are cut; the next call of Run starts it anew.")]
    public static partial void RunFailed(ILogger logger, Exception exception, string channel);

    [LoggerMessage(13, LogLevel.Debug, "The run of the channel {Channel} was stopped with the host.")]
    public static partial void RunStopped(ILogger logger, Exception exception, string channel);

    [LoggerMessage(14, LogLevel.Error, "An observer of the subscribers of the channel {Channel} threw.")]
    public static partial void ObserverThrew(ILogger logger, Exception exception, string channel);

    [LoggerMessage(15, LogLevel.Warning, "The log behind the channels is out of reach. Subscribers stay connected and wait; publishing fails until it is back.")]
    public static partial void LogWentAway(ILogger logger, Exception exception);

    [LoggerMessage(16, LogLevel.Information, "The log behind the channels is back.")]
    public static partial void LogCameBack(ILogger logger);

    [LoggerMessage(17, LogLevel.Debug, "This node could not tell the others of its subscribers; it will tell them all again.")]
    public static partial void PresenceNotTold(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "This node cannot {Action} the channel $nodes of the log. It holds all messages for named users, whose streams stay connected, until it can. See that it reaches the log, or stop it.")]
    public static partial void NodeHolds(ILogger logger, string action);

    [LoggerMessage(21, LogLevel.Information, "This node has read the channel $nodes of the log again, and delivers to named users, after {Held}.")]
    public static partial void NodeDelivers(ILogger logger, TimeSpan held);

    [LoggerMessage(22, LogLevel.Warning, "The nodes {Nodes} did not confirm within {Timeout} that they have ended the streams of a user. They deliver nothing to named users until they have read of it. Look whether they run and reach the log, or stop them.")]
    public static partial void RevocationUnconfirmed(ILogger logger, string nodes, TimeSpan timeout);

    [LoggerMessage(19, LogLevel.Warning, "The log behind the channels refuses to read the channel {Channel}; its subscribers wait.")]
    public static partial void ChannelNotRead(ILogger logger, Exception exception, string channel);

    [LoggerMessage(23, LogLevel.Warning, "The log behind the channels has not returned from {Call} after {Waited}. Calls that last a minute, or a second after the app's stop, are abandoned. See that {Call} throws soon where it cannot reach its store.")]
    public static partial void LogAbandoned(ILogger logger, string call, TimeSpan waited);

    [LoggerMessage(18, LogLevel.Warning, "The log behind the channels could not tell whether there is the channel that a client of {Endpoint} asked for; the client was told to come back.")]
    public static partial void LogNotAsked(ILogger logger, Exception exception, string? endpoint);

    [LoggerMessage(25, LogLevel.Warning, "{What} of {Endpoint} did not return within {Timeout} and was abandoned; it still runs. Pass HttpContext.RequestAborted to everything it awaits.")]
    public static partial void CallAbandoned(ILogger logger, string what, string? endpoint, TimeSpan timeout);

    [LoggerMessage(30, LogLevel.Information, "A subscriber of the channel {Channel} lost messages ({Reason}). "
        + "Its protocol has no event for a gap, so it gets only the state of OnGap.")]
    public static partial void GapNotAnnounced(ILogger logger, string channel, string reason);

    [LoggerMessage(24, LogLevel.Information, "A subscriber of the channel {Channel} cannot keep up: it lost messages again after a snapshot. Its next snapshots come at growing intervals. Raise the channel's Capacity, or make OnGap or the client faster.")]
    public static partial void SubscriberIsSlow(ILogger logger, string channel);

    [LoggerMessage(31, LogLevel.Information, "These channels are in the memory of this process: {Channels}. Other nodes do not see their messages, and a restart loses them. Keep them in a log, such as AddPostgreSql, or set InMemory on each to confirm that memory is meant.")]
    public static partial void ChannelsInMemory(ILogger logger, string channels);
}
