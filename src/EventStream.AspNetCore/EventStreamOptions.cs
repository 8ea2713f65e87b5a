using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>
/// How streams behave: for the whole app by <c>AddEventStreams</c>, for one result by its <c>configure</c> argument, which starts from the
/// app's.
/// </summary>
/// <remarks>
/// The defaults are safe; nothing needs to be set. Validated when the app starts, and again for a result that changes them, before a byte
/// is sent.
/// <c>AddEventStreams</c> also takes them from the app's configuration, but for <see cref="OnError"/>, which is code. Text for it stops the
/// app when it starts.
/// All times are measured by the app's <see cref="TimeProvider"/>, in steps of 100 ms.
/// </remarks>
public sealed class EventStreamOptions
{
    static EventStreamOptions() => CodeOnly.Refuse<Func<EventStreamError, EventStreamErrorAction>>();

    /// <summary>How long a stream may be silent before a keep-alive is written.</summary>
    /// <value>15 s by default; from 100 ms to one day. Null: no keep-alive.</value>
    /// <remarks>Each stream takes up to a tenth less, at random, so that the keep-alives of many are spread.</remarks>
    public TimeSpan? KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What a keep-alive is.</summary>
    /// <value>
    /// <see cref="EventStreamKeepAlive.Comment"/> by default; not null. A null <see cref="KeepAliveInterval"/> means no keep-alive.
    /// </value>
    public EventStreamKeepAlive KeepAlive { get; set; } = EventStreamKeepAlive.Comment;

    /// <summary>How long a client waits before it reconnects; written at the start of each stream.</summary>
    /// <value>
    /// 3 s by default; from 1 ms to one day. Null: none is written, and a client keeps the value it had, also one of
    /// <see cref="DrainRetry"/>.
    /// </value>
    /// <remarks>Each stream adds up to a half, at random, so that clients do not come back all at once.</remarks>
    public TimeSpan? Retry { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a client is to wait before it reconnects when the host stops, or answers while it is stopping.</summary>
    /// <value>3 s by default; from 1 ms to one day.</value>
    /// <remarks>Each stream adds up to a half, at random.</remarks>
    public TimeSpan DrainRetry { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a source may go on when the host begins to stop; see <see cref="IEventStreamFeature"/>.</summary>
    /// <value>
    /// Zero by default: the source's token is cancelled at once, as channels always are. At most one hour; the host's own shutdown timeout
    /// (30 s) must be longer.
    /// </value>
    public TimeSpan DrainTimeout { get; set; }

    /// <summary>The age at which a stream ends cleanly, so that its client resumes on another connection, perhaps another node.</summary>
    /// <value>Null by default: no limit. From 1 s to 30 days.</value>
    /// <remarks>Each stream takes up to a tenth less, at random.</remarks>
    public TimeSpan? MaxLifetime { get; set; }

    /// <summary>How long one write may wait for a client that does not read; then the connection is aborted.</summary>
    /// <value>30 s by default; from 100 ms to one day. Null: no limit, until the server or the network gives up.</value>
    /// <remarks>
    /// A large message leaves in writes of about 32 KB, and each has this time. A client that reads slowly but steadily stays connected.
    /// A stream that must end inside a message finishes it first, within this time for all that is left. If that fails, the connection
    /// is aborted, so that no client takes a part of a message for the end. A host that stops waits no longer than
    /// <see cref="SourceStopTimeout"/>, even where this is null.
    /// </remarks>
    public TimeSpan? WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a source may take to end once its token is cancelled.</summary>
    /// <value>1 s by default; from 100 ms to one hour.</value>
    /// <remarks>
    /// A source that takes longer is abandoned: its request ends without it, and a warning names the endpoint.
    /// <para/>
    /// A write into the response has the same time to return after the connection was aborted. Then the stream ends without it. The same
    /// time have a channel's policy, the log, and the result of <see cref="EventStreamChannelOptions.OnUnknown"/>, once the client has left
    /// or the host begins to stop. For these the app's value counts, and not that of one stream.
    /// </remarks>
    public TimeSpan SourceStopTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The last event of a stream that is finished, which tells its client so.</summary>
    /// <remarks>A reconnect after it gets 204, which stops an <c>EventSource</c>.</remarks>
    /// <value>
    /// Null by default: <see cref="EventStreamProtocol.End"/> says what a finished stream sends. Unless that is changed, a plain source
    /// that ends is a clean end of the response, and a browser reconnects. Otherwise a message with data and without an id; the library
    /// sets its id. For example <c>new EventStreamMessage { Event = "end", Data = "end" }</c>. It holds for the streams of channels too.
    /// </value>
    public EventStreamMessage? EndOfStream
    {
        get => EndNotice?.Message;
        set => EndNotice = value is { } message ? new(message) : null;
    }

    /// <summary>What the library sends on a stream besides the app's messages.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamProtocol.Default"/>, or what a channel has. A value that a response sets comes before the
    /// channel's, and one that is set for the app comes after it. The options keep a copy.
    /// </value>
    public EventStreamProtocol? Protocol
    {
        get;

        // A copy: configuration is bound into what is there, which must not be a preset of all apps. And what a response has set is
        // another object than the app's, also where it is equal.
        set => field = value is null ? null : value with { };
    }

    /// <summary>
    /// The query parameter that may carry the position, for clients that cannot set <c>Last-Event-ID</c>; the header wins.
    /// </summary>
    /// <value>Null by default: the header alone. For example <c>lastEventId</c>; not empty. A request that has it twice gets 400.</value>
    public string? LastEventIdQueryParameter { get; set; }

    /// <summary>Whether messages that the source has ready at once leave in one flush.</summary>
    /// <value>
    /// False by default: each message is on its way before the source is asked for the next, so a source that blocks between two messages
    /// never holds the first one back. Set it for sources that only await.
    /// </value>
    public bool FlushWhenIdle { get; set; }

    /// <summary>The media type of a stream's payloads, told in the header <c>X-Event-Data-Mimetype</c>.</summary>
    /// <value>
    /// Null by default: <c>application/json</c> where objects are serialised. There is no header for messages, for text, and for what may
    /// be text, such as <see cref="object"/>. A value set for the app is sent with every stream. It is ASCII, and not empty.
    /// </value>
    public string? DataMediaType { get; set; }

    /// <summary>Decides what to do when a source fails after the headers have left, or a message cannot be written.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamErrorAction.Fault"/>. It runs on the stream's own loop; if it throws, that is a fault as
    /// well.
    /// </value>
    public Func<EventStreamError, EventStreamErrorAction>? OnError { get; set; }

    /// <summary>
    /// Whether streams stay out of the metric <c>http.server.request.duration</c>, whose histogram they would fill with hours.
    /// </summary>
    /// <value>False by default.</value>
    public bool ExcludeFromRequestDuration { get; set; }

    /// <summary>What <see cref="EndOfStream"/> sets, a new object each time it is set.</summary>
    internal EventStreamNotice<EventStreamBoundary>? EndNotice { get; private set; }

    internal EventStreamOptions Copy() => (EventStreamOptions)MemberwiseClone();
}
