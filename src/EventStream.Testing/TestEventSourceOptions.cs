using System.Net;

namespace EventStream.Testing;

/// <summary>How a test requests a stream, and how long it waits.</summary>
/// <remarks>
/// One object may serve many streams. The options of the request are read when a connection opens, and <see cref="Timeout"/> when a call
/// begins.
/// </remarks>
public sealed class TestEventSourceOptions
{
    /// <summary>The request's method.</summary>
    /// <value>GET by default. Not null.</value>
    public HttpMethod Method { get; set; } = HttpMethod.Get;

    /// <summary>Makes the request's body; called for each connection.</summary>
    /// <value>Null by default: no body.</value>
    public Func<HttpContent>? Content { get; set; }

    /// <summary>The request's headers besides <c>Accept</c> and <c>Cache-Control</c>.</summary>
    /// <value>Empty by default.</value>
    /// <remarks>A header named <c>Accept</c> or <c>Cache-Control</c> replaces <c>text/event-stream</c> or <c>no-cache</c>.</remarks>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The position to begin after, sent as <c>Last-Event-ID</c>.</summary>
    /// <value>Null by default: none is sent. Empty sends an empty header.</value>
    /// <remarks>
    /// For characters beyond ASCII, set the handler's <c>RequestHeaderEncodingSelector</c>, as for any header.
    /// </remarks>
    public string? LastEventId { get; set; }

    /// <summary>The clock of the app under test, if the test moves it.</summary>
    /// <value>Null by default: the real time.</value>
    /// <remarks>Silence and retries then pass on it, and each line of <see cref="TestEventSource.Wire"/> says when it came.</remarks>
    public FakeTime? Time { get; set; }

    /// <summary>How long a call may wait in all, in real time.</summary>
    /// <value>10 s by default; more than zero.</value>
    /// <remarks>A call waits for the headers, the next event, all events to collect, or the end.</remarks>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The exact version of HTTP.</summary>
    /// <value>Null by default: the client's defaults.</value>
    public Version? HttpVersion { get; set; }

    /// <summary>The answer's status; another one is a failure.</summary>
    /// <value>200 by default.</value>
    /// <remarks>
    /// With 204 or any status from 300 on, the answer is not a stream. The test then checks <see cref="TestEventSource.Response"/>.
    /// </remarks>
    public HttpStatusCode ExpectedStatus { get; set; } = HttpStatusCode.OK;

    /// <summary>Whether the stream reconnects whenever it has ended or broken, as a browser does.</summary>
    /// <value>False by default: a test calls <see cref="TestEventSource.ReconnectAsync"/>.</value>
    /// <remarks>
    /// It reconnects after its retry, at least 100 ms, with its position.
    /// <para/>
    /// It stops after an answer that is not a stream with status 200, and after a failed authentication or negotiation. It also stops after
    /// an exception type of the runtime, such as <see cref="InvalidOperationException"/>. It tries again after an
    /// <see cref="IOException"/>, a <see cref="TimeoutException"/> and an <see cref="OperationCanceledException"/>. It also tries again
    /// after every exception type of a library or of the app, because the app's exceptions look like those of a handler. If a call then
    /// times out, the last exception is its inner exception.
    /// </remarks>
    public bool Reconnects { get; set; }
}
