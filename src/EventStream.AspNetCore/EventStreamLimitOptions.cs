using System.Threading.RateLimiting;
using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>The limits on the open streams of this node; <see cref="EventStreamBuilder.AddLimits"/> sets them.</summary>
/// <remarks>
/// <para>
/// Each limit is off by default, and counts on its own. A stream holds one permit of each limit from before it opens until it has ended, in
/// whatever way it ends. A stream of several channels gets a permit of each channel, or none. No open stream is ended to make room.
/// </para>
/// <para>
/// A refused browser (<c>Accept</c> is exactly <c>text/event-stream</c>) gets 200, a <c>retry</c> and a clean end, and comes back. Every
/// other client gets 429, or 503 where the node or a channel is full, with <c>Retry-After</c>. Requests that open no stream, such as
/// <c>HEAD</c>, hold no permit. Validated when the app starts.
/// </para>
/// <para>
/// If the stream's protocol has no <see cref="EventStreamProtocol.LoneLines"/>, a refused browser gets the 429 or 503 too. That ends its
/// <c>EventSource</c> for good.
/// </para>
/// </remarks>
public sealed class EventStreamLimitOptions
{
    static EventStreamLimitOptions() => CodeOnly.Refuse<PartitionedRateLimiter<HttpContext>>();

    /// <summary>How many streams are open on this node, over all endpoints.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>A node that has as many is saturated: see <c>AddEventStreamsReadiness</c>.</remarks>
    public int? MaxStreams { get; set; }

    /// <summary>How many streams one user has open on this node.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>
    /// The user is <see cref="EventStreamSubscription.User"/>, or else the request's name identifier claim, or its claim <c>sub</c>. A
    /// stream without any of them is not limited by it. Each tab of a browser counts, unless the tabs share one stream.
    /// </remarks>
    public int? MaxStreamsPerUser { get; set; }

    /// <summary>How many streams one address has open on this node.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>
    /// <para>
    /// The address is <see cref="ConnectionInfo.RemoteIpAddress"/>. Behind a proxy that is the proxy, unless the app uses
    /// <c>UseForwardedHeaders</c> with the proxies that it trusts, and with their number as <c>ForwardLimit</c>. Many users may share an
    /// address: an office, or a mobile network.
    /// </para>
    /// <para>
    /// The addresses of an IPv6 network of 64 bits count as one, because one client has all of them. A request without an address, such as
    /// one over a Unix socket, is not limited by it.
    /// </para>
    /// </remarks>
    public int? MaxStreamsPerAddress { get; set; }

    /// <summary>How many streams read one channel on this node.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>Loops over <c>ReadAsync</c> do not count.</remarks>
    public int? MaxSubscribersPerChannel { get; set; }

    /// <summary>How many streams open in a second on this node, over all endpoints.</summary>
    /// <value>Null by default: no limit. From 1 to 1,000,000.</value>
    /// <remarks>
    /// As many may open at once. Refused clients return one after the other, at this rate. So a crowd is spread over the time that its
    /// opens take.
    /// </remarks>
    public int? MaxOpensPerSecond { get; set; }

    /// <summary>A limiter of the app's own, which is asked for each stream after all other limits but the rate.</summary>
    /// <value>Null by default: none. The app disposes of it.</value>
    /// <remarks>
    /// The stream holds its lease until it has ended, so use concurrency limiters in it. If its lease names a <c>RetryAfter</c>, a refused
    /// client waits that long. It is called for each stream, and must be safe for many threads.
    /// </remarks>
    public PartitionedRateLimiter<HttpContext>? Limiter { get; set; }
}
