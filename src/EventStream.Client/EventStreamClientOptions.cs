using System.Net;

namespace EventStream.Client;

/// <summary>How a stream is asked for, kept alive and asked for again. Read once, when the reading begins.</summary>
public sealed class EventStreamClientOptions
{
    /// <summary>The request's method.</summary>
    /// <value>GET by default. Not null.</value>
    public HttpMethod Method { get; set; } = HttpMethod.Get;

    /// <summary>Makes the body, anew for each attempt, because a request disposes of its body.</summary>
    /// <value>Null by default: no body.</value>
    public Func<HttpContent>? Content { get; set; }

    /// <summary>Completes each request before it is sent, such as with a token that is fetched anew.</summary>
    /// <value>Null by default: the request goes as it is.</value>
    /// <remarks>
    /// It runs again for each redirect that the client follows. A handler that follows redirects itself takes these headers to other
    /// origins: see <see cref="ShouldFollow"/>.
    /// <para/>
    /// What it throws is a failed attempt, so an unreachable token server does not end the reading. A <see cref="SystemException"/> ends
    /// it, because it tells of a mistake (<see cref="InvalidOperationException"/>, <see cref="ArgumentException"/>) or of a denied access
    /// (<see cref="UnauthorizedAccessException"/>). Of those only
    /// <see cref="IOException"/>, <see cref="TimeoutException"/>, <see cref="OperationCanceledException"/> and
    /// <see cref="System.Runtime.InteropServices.ExternalException"/> are failed attempts. The same holds for <see cref="Content"/>.
    /// </remarks>
    public Func<HttpRequestMessage, CancellationToken, ValueTask>? PrepareRequest { get; set; }

    /// <summary>The types of the events to read, as a page has listeners for some types.</summary>
    /// <value>Null by default: all types. An event without a type is a <c>message</c>.</value>
    /// <remarks>Events of other types are passed over, but their ids count. A gap is always told.</remarks>
    public IReadOnlyCollection<string>? EventNames { get; set; }

    /// <summary>Data that marks the end of the stream, such as OpenAI's <c>[DONE]</c>.</summary>
    /// <value>Null by default: none. An entry is neither null nor empty.</value>
    /// <remarks>
    /// An event with exactly this data, whatever its type, ends the reading. It is not handed out, and no request follows.
    /// <para/>
    /// A stream that ends without its sentinel ends as any other: <see cref="Reconnect"/> decides what follows.
    /// </remarks>
    public IReadOnlyCollection<string>? EndSentinels { get; set; }

    /// <summary>The position to begin after: the <see cref="EventStreamClientEvent.LastEventId"/> of an earlier reading.</summary>
    /// <value>Null by default: where the server begins.</value>
    /// <remarks>
    /// Sent as <c>Last-Event-ID</c> (HTML, section 9.2.4). It has at most 8000 bytes in UTF-8, and no CR, LF or NUL. One that is not ASCII
    /// needs <see cref="AllowNonAsciiHeaders"/>. An id of the server's that is longer ends the reading with an <see
    /// cref="EventStreamClientException"/>.
    /// </remarks>
    public string? LastEventId { get; set; }

    /// <summary>Whether the handler sends headers that are not ASCII, such as a position of the server's.</summary>
    /// <value>
    /// False by default: such a header ends the reading with an <see cref="EventStreamClientException"/>, before the request is sent.
    /// </value>
    /// <remarks>
    /// Set it beside a <c>SocketsHttpHandler</c> whose <c>RequestHeaderEncodingSelector</c> returns UTF-8. Without that handler each
    /// attempt fails, and is made again.
    /// </remarks>
    public bool AllowNonAsciiHeaders { get; set; }

    /// <summary>Which requests are sent again when a stream has ended or broken.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamClientReconnect.Always"/> for GET, and <see
    /// cref="EventStreamClientReconnect.WithPosition"/> for every other method, because a request that is sent again is carried out
    /// again.
    /// </value>
    public EventStreamClientReconnect? Reconnect { get; set; }

    /// <summary>The least time to wait before the next attempt, until the server sets another by <c>retry</c>.</summary>
    /// <value>3 s by default; from 0 to 1 hour.</value>
    /// <remarks>
    /// Each attempt in a row that brings no event doubles the time, up to <see cref="MaxReconnectDelay"/>, and up to a half is added at
    /// random, so that the clients of a server that was restarted come back spread out. Whatever the server says, it is from 100 ms to a
    /// day.
    /// </remarks>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The delay at which the doubling of <see cref="ReconnectDelay"/> stops.</summary>
    /// <value>1 min by default; from 100 ms to 1 day.</value>
    /// <remarks>A longer <c>retry</c> of the server's holds all the same, up to a day.</remarks>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many attempts in a row may bring no event before the last one's error is thrown.</summary>
    /// <value>Null by default: no limit. At least 1.</value>
    /// <remarks>A stream that lasted for the reconnection time without an event was quiet, not in vain: the count begins anew.</remarks>
    public int? MaxAttempts { get; set; }

    /// <summary>The silence after which a connection is taken for dead, and dropped for a new one.</summary>
    /// <value>1 min by default; from 100 ms to 1 day. Null: never.</value>
    /// <remarks>
    /// Every byte counts as life, comments too, so it should be some times the server's keep-alive interval. It holds for the answer's
    /// headers as well.
    /// <para/>
    /// Over HTTP/2 the next request goes over the same connection, unless the handler has found that it is dead: set
    /// <see cref="SocketsHttpHandler.KeepAlivePingDelay"/> and <see cref="SocketsHttpHandler.KeepAlivePingTimeout"/> there.
    /// </remarks>
    public TimeSpan? IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most bytes that one event may have, so that no server can fill the memory.</summary>
    /// <value>16 MiB by default; from 1 KiB to 256 MiB.</value>
    /// <remarks>A larger event ends the reading with an <see cref="EventStreamClientException"/>.</remarks>
    public int MaxEventBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Decides which refusals are worth another attempt, such as a load balancer's 502 while the server restarts.</summary>
    /// <value>Null by default: none, as the standard has it. A refusal is then an <see cref="EventStreamClientException"/>.</value>
    /// <remarks>
    /// <c>Retry-After</c> is obeyed before the attempt.
    /// <para/>
    /// It is not asked about a redirect that is not followed: the next attempt would bring the same.
    /// </remarks>
    public Func<HttpStatusCode, bool>? ShouldRetry { get; set; }

    /// <summary>Decides to which addresses of another origin a redirect is followed.</summary>
    /// <value>
    /// Null by default: to none. Such a redirect is then an <see cref="EventStreamClientException"/>, and nothing is sent there.
    /// </value>
    /// <remarks>
    /// An origin is scheme, host and port: compare all three. A redirect to the origin that sent it is followed without a question, at most
    /// twenty an attempt. To an allowed address go the client's <see cref="HttpClient.DefaultRequestHeaders"/>, the position, and on 307
    /// and 308 the body. <see cref="PrepareRequest"/> runs for each request, and sees its address. An attempt that begins at another origin
    /// asks again.
    /// <para/>
    /// A handler whose <c>AllowAutoRedirect</c> is true, as it is by default, follows redirects before this is asked. It takes along every
    /// header but <c>Authorization</c>. Set it to false where requests carry credentials. The reading ends afterwards if a handler has done
    /// so and <see cref="PrepareRequest"/>, <see cref="Content"/> or a default header is set. Default headers named <c>Accept…</c>,
    /// <c>User-Agent</c> and <c>Cache-Control</c> do not count. Behind a handler that chooses addresses, such as service discovery, the
    /// redirect cannot be seen.
    /// </remarks>
    public Func<Uri, bool>? ShouldFollow { get; set; }

    /// <summary>The clock of delays and of <see cref="IdleTimeout"/>.</summary>
    /// <value><see cref="TimeProvider.System"/> by default. Not null.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Called when a stream's headers are there.</summary>
    /// <value>Null by default.</value>
    /// <remarks>
    /// This and the other three run in the reading's own flow, on any thread: they should be quick, and what they throw ends the reading.
    /// </remarks>
    public Action<EventStreamClientOpened>? OnOpened { get; set; }

    /// <summary>Called when a connection that was opened is over.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientClosed>? OnClosed { get; set; }

    /// <summary>Called before the wait that precedes an attempt.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientRetrying>? OnRetrying { get; set; }

    /// <summary>Called for each gap, before its event is handed out.</summary>
    /// <value>Null by default.</value>
    /// <remarks>See <see cref="OnOpened"/>.</remarks>
    public Action<EventStreamClientGap>? OnGap { get; set; }

    internal EventStreamClientOptions Copy() => (EventStreamClientOptions)MemberwiseClone();
}
