using System.Net;

namespace EventStream.Client;

/// <summary>How the client requests a stream, watches it and requests it again.</summary>
/// <remarks>The client copies the options when the reading begins. A later change has no effect on that reading.</remarks>
public sealed class EventStreamClientOptions
{
    /// <summary>The request's method.</summary>
    /// <value>GET by default. Not null.</value>
    public HttpMethod Method { get; set; } = HttpMethod.Get;

    /// <summary>Makes the request's body.</summary>
    /// <value>Null by default: no body.</value>
    /// <remarks>The client calls it for each attempt, because a request disposes of its body.</remarks>
    public Func<HttpContent>? Content { get; set; }

    /// <summary>Completes each request before the client sends it, for example with a fresh token.</summary>
    /// <value>Null by default: the request is sent unchanged.</value>
    /// <remarks>
    /// It runs again for each redirect that the client follows. A handler that follows redirects itself takes these headers to other
    /// origins: see <see cref="ShouldFollow"/>.
    /// <para/>
    /// An exception from it is a failed attempt, so an unreachable token server does not end the reading. A <see cref="SystemException"/>
    /// ends the reading, because it means a mistake (<see cref="InvalidOperationException"/>, <see cref="ArgumentException"/>) or a denied
    /// access (<see cref="UnauthorizedAccessException"/>). Four kinds of <see cref="SystemException"/> are failed attempts all the same:
    /// <see cref="IOException"/>, <see cref="TimeoutException"/>, <see cref="OperationCanceledException"/> and
    /// <see cref="System.Runtime.InteropServices.ExternalException"/>. The same rules hold for <see cref="Content"/>.
    /// </remarks>
    public Func<HttpRequestMessage, CancellationToken, ValueTask>? PrepareRequest { get; set; }

    /// <summary>The types of the events to read.</summary>
    /// <value>Null by default: all types. An event without a type is a <c>message</c>.</value>
    /// <remarks>The client skips events of other types, but their ids move the position. It always returns a gap.</remarks>
    public IReadOnlyCollection<string>? EventNames { get; set; }

    /// <summary>Data that marks the end of the stream, such as OpenAI's <c>[DONE]</c>.</summary>
    /// <value>Null by default: none. An entry is neither null nor empty.</value>
    /// <remarks>
    /// An event with exactly this data, of any type, ends the reading. The client neither returns it nor sends another request.
    /// <para/>
    /// A stream that ends without its sentinel ends like any other stream: <see cref="Reconnect"/> decides what follows.
    /// </remarks>
    public IReadOnlyCollection<string>? EndSentinels { get; set; }

    /// <summary>The position to begin after: the <see cref="EventStreamClientEvent.LastEventId"/> of an earlier reading.</summary>
    /// <value>Null by default: the server decides where the stream begins.</value>
    /// <remarks>
    /// The client sends it as <c>Last-Event-ID</c> (HTML, section 9.2.4). It has at most 8000 bytes in UTF-8, and no CR, LF or NUL. A
    /// position that is not ASCII needs <see cref="AllowNonAsciiHeaders"/>. If the server sends a longer id, the reading ends with an
    /// <see cref="EventStreamClientException"/>.
    /// </remarks>
    public string? LastEventId { get; set; }

    /// <summary>Whether the handler can send headers that are not ASCII, such as a position that the server chose.</summary>
    /// <value>
    /// False by default: such a header ends the reading with an <see cref="EventStreamClientException"/>, before the request is sent.
    /// </value>
    /// <remarks>
    /// Set it together with a <c>SocketsHttpHandler</c> whose <c>RequestHeaderEncodingSelector</c> returns UTF-8. Without that handler
    /// every attempt fails, and the client tries again.
    /// </remarks>
    public bool AllowNonAsciiHeaders { get; set; }

    /// <summary>When the client sends the request again after a stream has ended or broken.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamClientReconnect.Always"/> for GET, and
    /// <see cref="EventStreamClientReconnect.WithPosition"/> for every other method.
    /// </value>
    /// <remarks>The default is stricter for other methods, because the server carries out a repeated request again.</remarks>
    public EventStreamClientReconnect? Reconnect { get; set; }

    /// <summary>The shortest wait before the next attempt, until the server sets another by <c>retry</c>.</summary>
    /// <value>3 s by default; from 0 to 1 hour.</value>
    /// <remarks>
    /// Each attempt in a row without an event doubles the wait, up to <see cref="MaxReconnectDelay"/>. The client then adds up to one half
    /// at random, so that the clients of a restarted server do not reconnect at the same moment. The wait is always from 100 ms to 1 day,
    /// whatever the server asks for.
    /// </remarks>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The delay at which the doubling of <see cref="ReconnectDelay"/> stops.</summary>
    /// <value>1 min by default; from 100 ms to 1 day.</value>
    /// <remarks>A longer <c>retry</c> from the server overrides it, up to 1 day.</remarks>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many attempts in a row may end without an event before the client throws the last attempt's error.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>
    /// A stream without an event counts as quiet, not as failed, if it lasted at least the reconnection time: the count then starts again.
    /// </remarks>
    public int? MaxAttempts { get; set; }

    /// <summary>How long a connection may be silent before the client closes it and reconnects.</summary>
    /// <value>1 min by default; from 100 ms to 1 day. Null: no limit.</value>
    /// <remarks>
    /// Every byte ends a silence, also that of a comment. Set it to several times the server's keep-alive interval. It also limits the wait
    /// for the answer's headers.
    /// <para/>
    /// Over HTTP/2 the next request uses the same connection, unless the handler has found it dead. For that, set
    /// <see cref="SocketsHttpHandler.KeepAlivePingDelay"/> and <see cref="SocketsHttpHandler.KeepAlivePingTimeout"/>.
    /// </remarks>
    public TimeSpan? IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest event that the client accepts, in bytes.</summary>
    /// <value>16 MiB by default; from 1 KiB to 256 MiB.</value>
    /// <remarks>
    /// A larger event ends the reading with an <see cref="EventStreamClientException"/>. Without a limit, a server could fill the client's
    /// memory.
    /// </remarks>
    public int MaxEventBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Decides which error statuses the client retries, such as a load balancer's 502 while the server restarts.</summary>
    /// <value>
    /// Null by default: none, as the standard requires. An error status then ends the reading with an
    /// <see cref="EventStreamClientException"/>.
    /// </value>
    /// <remarks>
    /// The client obeys <c>Retry-After</c> before the attempt.
    /// <para/>
    /// The client does not call it for a redirect that it does not follow: the next attempt would get the same answer.
    /// </remarks>
    public Func<HttpStatusCode, bool>? ShouldRetry { get; set; }

    /// <summary>Decides which redirects to another origin the client follows, by their address.</summary>
    /// <value>
    /// Null by default: none. Such a redirect ends the reading with an <see cref="EventStreamClientException"/>, and the client sends
    /// nothing there.
    /// </value>
    /// <remarks>
    /// An origin is scheme, host and port: compare all three. The client follows a redirect within an origin without a call, at most 20 in
    /// an attempt. To an allowed address it sends <see cref="HttpClient.DefaultRequestHeaders"/>, the position, and on 307 and 308 the
    /// body. <see cref="PrepareRequest"/> runs for each request, and sees its address. An attempt that begins at another origin calls
    /// this function again.
    /// <para/>
    /// A handler whose <c>AllowAutoRedirect</c> is true, as it is by default, follows redirects before the client can call this function.
    /// It takes every header but <c>Authorization</c> along. Set <c>AllowAutoRedirect</c> to false where requests carry credentials.
    /// If a handler did follow a redirect to another origin, the reading ends where <see cref="PrepareRequest"/>, <see cref="Content"/> or
    /// a default header is set. Default headers named <c>Accept…</c>, <c>User-Agent</c> and <c>Cache-Control</c> do not count. Behind a
    /// handler that chooses addresses, such as service discovery, the client cannot see the redirect.
    /// </remarks>
    public Func<Uri, bool>? ShouldFollow { get; set; }

    /// <summary>The clock of delays and of <see cref="IdleTimeout"/>.</summary>
    /// <value><see cref="TimeProvider.System"/> by default. Not null.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Called when a stream's headers have arrived.</summary>
    /// <value>Null by default.</value>
    /// <remarks>
    /// The reading waits for this call and for the other three. They run on any thread and should be quick. An exception from them ends
    /// the reading.
    /// </remarks>
    public Action<EventStreamClientOpened>? OnOpened { get; set; }

    /// <summary>Called when an opened connection has been closed.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientClosed>? OnClosed { get; set; }

    /// <summary>Called before the wait that precedes an attempt.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientRetrying>? OnRetrying { get; set; }

    /// <summary>Called for each gap, before the client returns its event.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientGap>? OnGap { get; set; }

    internal EventStreamClientOptions Copy() => (EventStreamClientOptions)MemberwiseClone();
}
