using System.Globalization;
using System.Security.Claims;
using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>The options of streams, for the whole app or for one result.</summary>
/// <remarks>
/// <para>
/// <c>AddEventStreams</c> sets them for the app. The <c>configure</c> argument of a result changes a copy of the app's. The defaults are
/// safe; no option is required. The options are validated when the app starts. Those of a result are validated again, before a byte is
/// sent.
/// </para>
/// <para>
/// <c>AddEventStreams</c> also takes them from the app's configuration, except <see cref="OnError"/> and <see cref="OnReauthorize"/>, which
/// are code. Text for them stops the app at its start. All times are measured by the app's <see cref="TimeProvider"/>, in steps of 100 ms.
/// </para>
/// </remarks>
public sealed class EventStreamOptions
{
    static EventStreamOptions()
    {
        CodeOnly.Refuse<Func<EventStreamError, EventStreamErrorAction>>();
        CodeOnly.Refuse<Func<HttpContext, CancellationToken, ValueTask<ClaimsPrincipal?>>>();
    }

    /// <summary>How long a stream may be silent before a keep-alive is written.</summary>
    /// <value>15 s by default; from 100 ms to one day. Null: no keep-alive.</value>
    /// <remarks>Each stream waits up to a fifth less: a tenth at random, and the rest to a step that many streams share.</remarks>
    public TimeSpan? KeepAliveInterval
    {
        get;
        set => (field, KeepAliveSeconds) = (value, value?.TotalSeconds.ToString(CultureInfo.InvariantCulture));
    } = TimeSpan.FromSeconds(15);

    /// <summary>The bytes of a keep-alive.</summary>
    /// <value>
    /// <see cref="EventStreamKeepAlive.Comment"/> by default; not null. To send none, set <see cref="KeepAliveInterval"/> to null.
    /// </value>
    public EventStreamKeepAlive KeepAlive { get; set; } = EventStreamKeepAlive.Comment;

    /// <summary>Whether the response header <c>EventStream-Keep-Alive</c> tells the client the interval.</summary>
    /// <value>
    /// True by default: it is <see cref="KeepAliveInterval"/> in seconds, for example <c>15</c> or <c>0.5</c>. A stream without keep-alives
    /// has no such header.
    /// </value>
    /// <remarks>
    /// A client that has it can take a longer silence for a dead connection. A page of another origin sees it only if the CORS policy
    /// exposes it: <c>WithExposedHeaders("EventStream-Keep-Alive")</c>.
    /// </remarks>
    public bool SendKeepAliveInterval { get; set; } = true;

    /// <summary>How long a client waits before it reconnects; written at the start of each stream.</summary>
    /// <value>
    /// 3 s by default; from 1 ms to one day. Null: none is written, and a client keeps its previous value, also that of a
    /// <see cref="DrainRetry"/>.
    /// </value>
    /// <remarks>Each stream adds up to a half, at random, so that clients do not all reconnect at once.</remarks>
    public TimeSpan? Retry { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a client waits before it reconnects to a stream that the server has ended.</summary>
    /// <value>3 s by default; from 1 ms to one day.</value>
    /// <remarks>
    /// A stopping host sends it to its open streams, and in its answers to new requests. A stream also ends with it when its authentication
    /// expires, when a check of its rights ends it, and when <c>DisconnectAsync</c> ends it. Each stream adds up to a half, at random.
    /// </remarks>
    public TimeSpan DrainRetry { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The time over which the streams of a stopping host end.</summary>
    /// <value>
    /// Zero by default: all streams end at once. At most one hour, and shorter than <c>HostOptions.ShutdownTimeout</c>, which is 30 s by
    /// default.
    /// </value>
    /// <remarks>
    /// <para>
    /// Each stream ends at a random moment of this time, so that clients do not reconnect together. That includes channels. A source that
    /// has asked for <see cref="IEventStreamFeature.Draining"/> may continue to its end. Messages are delivered meanwhile.
    /// </para>
    /// <para>
    /// The server accepts requests until the last of these streams has ended. Requests for new streams get a <c>retry</c> and a clean end.
    /// This needs <c>AddEventStreams</c>. Without it, the server accepts nothing from the moment at which the host begins to stop.
    /// </para>
    /// <para>
    /// A second SIGTERM or Ctrl+C, or the host's shutdown timeout, ends the streams at once.
    /// </para>
    /// </remarks>
    public TimeSpan DrainTimeout { get; set; }

    /// <summary>The age at which a stream ends cleanly, so that its client resumes on a new connection.</summary>
    /// <value>Null by default: no limit. From 1 s to 30 days.</value>
    /// <remarks>The new connection may reach another node. Each stream ends up to a tenth earlier, at random.</remarks>
    public TimeSpan? MaxLifetime { get; set; }

    /// <summary>Whether a stream ends when the authentication of its request expires.</summary>
    /// <value>
    /// True by default: the stream ends cleanly at the expiry of the cookie or token that opened it. False: the stream may outlive it.
    /// </value>
    /// <remarks>
    /// <para>
    /// The client reconnects with the cookie or token that it has then. If that one has expired as well, the answer is 401, before any byte
    /// of a stream. JwtBearer accepts a token for five minutes more (<c>ClockSkew</c>); a stream does not.
    /// </para>
    /// <para>
    /// The expiry is <c>AuthenticationProperties.ExpiresUtc</c> of the result that <c>UseAuthentication</c> or an authorization policy with
    /// schemes has left in the request. A handler that calls <c>AuthenticateAsync</c> itself leaves none. A middleware that sets
    /// <c>HttpContext.User</c> removes the result: use an <c>IClaimsTransformation</c> instead. An endpoint with <c>AllowAnonymous</c>
    /// ignores the expiry.
    /// </para>
    /// <para>
    /// Another request may renew a cookie with <c>SlidingExpiration</c>. The stream does not see that. It ends at the earlier expiry, and
    /// its client resumes.
    /// </para>
    /// </remarks>
    public bool CloseOnAuthenticationExpiration { get; set; } = true;

    /// <summary>How often the rights of an open stream are checked again.</summary>
    /// <value>
    /// Null by default: they are checked only when the stream opens. From 1 s to one day. Each stream takes up to a tenth less, at random,
    /// and begins at a random moment of the first interval.
    /// </value>
    /// <remarks>
    /// <para>
    /// A check calls <see cref="OnReauthorize"/>, and evaluates the policies that were evaluated when the stream opened. They are those of
    /// the endpoint, with the default or fallback policy, unless it has <c>AllowAnonymous</c>. They are also each channel's
    /// <see cref="EventStreamChannelOptions.AuthorizationPolicy"/>, but not for a channel that a handler has chosen itself
    /// (<c>Results.EventStream(channel)</c>). If there is neither, no check runs.
    /// </para>
    /// <para>
    /// If a policy refuses the user, the stream ends cleanly, with a <c>retry</c> of <see cref="DrainRetry"/>. Messages that the source
    /// yields after that are dropped. The client reconnects, and gets the honest 401 or 403.
    /// </para>
    /// <para>
    /// A check runs beside the stream, on the thread pool, and never delays a message. Policies and their handlers get services of a scope
    /// of its own, and a copy of the request as <see cref="HttpContext"/>. The copy has its own items, and a response that is discarded. A
    /// check may take as long as the interval, at most 30 s. Then its token, which is the copy's <c>RequestAborted</c>, is cancelled, and
    /// the check has failed; see <see cref="ReauthorizationGrace"/>.
    /// </para>
    /// <para>
    /// The app must have authorization services, or <see cref="OnReauthorize"/>. Otherwise an app that sets it by <c>AddEventStreams</c>
    /// does not start. If the options of one response set it, each such request gets 500.
    /// </para>
    /// </remarks>
    public TimeSpan? ReauthorizationInterval { get; set; }

    /// <summary>How long a stream stays open although the checks of its rights fail.</summary>
    /// <value>
    /// 5 min by default; from zero to one day. Each stream adds up to a half, at random. Zero: a stream ends at the first check that fails.
    /// </value>
    /// <remarks>
    /// A check that throws or takes too long decides nothing, for example while a database restarts. It is logged, and repeated after the
    /// interval, at most 30 s. The time begins with the first check that fails, and a check that succeeds ends it. When it is over, the
    /// stream ends as if the user was refused.
    /// </remarks>
    public TimeSpan ReauthorizationGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Reloads the user of an open stream before its policies are evaluated again.</summary>
    /// <value>
    /// Null by default: the policies get the user of the request. It is called by each check of <see cref="ReauthorizationInterval"/>, also
    /// for an endpoint with <c>AllowAnonymous</c>.
    /// </value>
    /// <remarks>
    /// <para>
    /// It gets a copy of the request. The copy's <c>RequestServices</c> are of a fresh scope, and its <c>User</c> is the user that the
    /// previous check left. The token is cancelled when the check takes too long, and when the stream ends. It returns the user to check
    /// and to keep for the next check. Null refuses the user, and ends the stream. An exception is a failed check; see
    /// <see cref="ReauthorizationGrace"/>.
    /// </para>
    /// <para>
    /// It runs on the thread pool, for many streams at once. The request's own <c>HttpContext.User</c> stays as it was, and so does the
    /// user whose messages the stream gets. The next request of a refused client has the user of its cookie or token again. So validate
    /// that as well when it arrives, or the client gets in until the next check.
    /// </para>
    /// </remarks>
    public Func<HttpContext, CancellationToken, ValueTask<ClaimsPrincipal?>>? OnReauthorize { get; set; }

    /// <summary>How long one write may wait for a client that does not read, before the connection is aborted.</summary>
    /// <value>30 s by default; from 100 ms to one day. Null: no limit except those of the server and the network.</value>
    /// <remarks>
    /// A large message leaves in writes of about 32 KB, and each has this time. A client that reads slowly but steadily stays connected. A
    /// stream that must end inside a message first writes the rest of it, within this time. If that fails, the connection is aborted,
    /// because a clean end would make a client take a part of a message for the whole. A stopping host waits no longer than
    /// <see cref="SourceStopTimeout"/>, even if this is null.
    /// </remarks>
    public TimeSpan? WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a source may take to end after its token is cancelled.</summary>
    /// <value>1 s by default; from 100 ms to one hour.</value>
    /// <remarks>
    /// A source that takes longer is abandoned: its request ends without it, and a warning names the endpoint.
    /// <para/>
    /// A write into the response has the same time to return after the connection was aborted. Then the stream ends without it. A channel's
    /// policy, the log, and the result of <see cref="EventStreamChannelOptions.OnUnknown"/> have the same time after the client has left or
    /// the host begins to stop. For these three, the app's value counts, and not that of one stream.
    /// </remarks>
    public TimeSpan SourceStopTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The last event of a finished stream, which tells the client that no more follows.</summary>
    /// <remarks>A reconnect after it gets 204, which stops an <c>EventSource</c>.</remarks>
    /// <value>
    /// Null by default: <see cref="EventStreamProtocol.End"/> decides. By its default, the end of a plain source only ends the response,
    /// and a browser reconnects. Set a message with data and without an id, which the library sets: <c>new EventStreamMessage { Event =
    /// "end", Data = "end" }</c>. It also applies to streams of channels.
    /// </value>
    public EventStreamMessage? EndOfStream
    {
        get => EndNotice?.Message;
        set => EndNotice = value is { } message ? new(message) : null;
    }

    /// <summary>The events and lines that the library sends besides the app's messages.</summary>
    /// <value>
    /// Null by default: the channel's protocol, or else <see cref="EventStreamProtocol.Default"/>. A value that a response sets wins over
    /// the channel's, and the channel's wins over the app's. The options keep a copy.
    /// </value>
    public EventStreamProtocol? Protocol
    {
        get;

        // A copy, because configuration binds into this object, and a preset is shared by all apps. And a response's value must be another
        // object than the app's, because StreamFormat compares references to see which one was set.
        set => field = value is null ? null : value with { };
    }

    /// <summary>The query parameter that may have the position, for clients that cannot set <c>Last-Event-ID</c>.</summary>
    /// <value>
    /// Null by default: only the header counts. For example <c>lastEventId</c>; not empty. The header wins over the parameter. A request
    /// that has the parameter twice gets 400.
    /// </value>
    public string? LastEventIdQueryParameter { get; set; }

    /// <summary>Whether messages that the source has ready together are sent in one flush.</summary>
    /// <value>
    /// False by default: each message is flushed before the source is asked for the next one. So a source that blocks between two messages
    /// does not delay the first. Set it to true for sources that only await.
    /// </value>
    public bool FlushWhenIdle { get; set; }

    /// <summary>The media type of a stream's payloads, sent in the header <c>X-Event-Data-Mimetype</c>.</summary>
    /// <value>
    /// Null by default: <c>application/json</c> for objects that are serialised. No header is sent for messages, for text, and for types
    /// that may be text, such as <see cref="object"/>. A value set for the app is sent with every stream. It must be ASCII, and not empty.
    /// </value>
    public string? DataMediaType { get; set; }

    /// <summary>Decides what a stream does if its source fails after the headers were sent, or a message cannot be written.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamErrorAction.Fault"/>, or a clean end after an <see cref="EventStreamReportedException"/>. It
    /// runs on the stream's own loop. If it throws, that is a fault as well.
    /// </value>
    public Func<EventStreamError, EventStreamErrorAction>? OnError { get; set; }

    /// <summary>Whether the metric <c>http.server.request.duration</c> leaves out streams.</summary>
    /// <remarks>Streams are open for hours, which would hide the durations of ordinary requests in the histogram.</remarks>
    /// <value>False by default.</value>
    public bool ExcludeFromRequestDuration { get; set; }

    /// <summary>The value of <see cref="EndOfStream"/>: a new object at each set, because StreamFormat compares references.</summary>
    internal EventStreamNotice<EventStreamBoundary>? EndNotice { get; private set; }

    /// <summary>The keep-alive interval in seconds. Kept, so that all streams with the app's options share one string.</summary>
    private string? KeepAliveSeconds { get; set; } = "15";

    /// <summary>Gets the interval of a stream's keep-alives; null if its protocol allows no lone lines, and they are such lines.</summary>
    internal TimeSpan? KeepAliveIntervalIn(EventStreamProtocol protocol) =>
        protocol.LoneLines || !KeepAlive.IsLoneLine ? KeepAliveInterval : null;

    /// <summary>Gets the value of the header <c>EventStream-Keep-Alive</c>; null if the response has no such header.</summary>
    internal string? KeepAliveHeaderIn(EventStreamProtocol protocol) =>
        SendKeepAliveInterval && KeepAliveIntervalIn(protocol) is not null ? KeepAliveSeconds : null;

    internal EventStreamOptions Copy() => (EventStreamOptions)MemberwiseClone();
}
