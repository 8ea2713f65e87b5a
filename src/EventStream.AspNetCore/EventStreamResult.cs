using System.Net.ServerSentEvents;
using System.Reflection;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>A response that is an event stream: writes and flushes each message when its source yields it.</summary>
/// <remarks>
/// <c>Results.EventStream</c> and <c>TypedResults.EventStream</c> return it for messages; an MVC action may return it as well. Each
/// execution enumerates the source again, so execute it more than once only if the source allows that.
/// </remarks>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, section 9.2: Server-sent events</seealso>
public sealed class EventStreamResult : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private readonly Func<HttpContext, Task> _answer;

    /// <summary>Streams messages, without regard to the client's position.</summary>
    /// <param name="messages">
    /// The messages; enumerated with a token that is cancelled when the client leaves, the host stops or the stream's lifetime ends.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(IAsyncEnumerable<EventStreamMessage> messages, Action<EventStreamOptions>? configure = null)
        : this(new MessageSource(messages), configure)
    {
    }

    /// <summary>Streams messages that follow the client's position.</summary>
    /// <param name="messages">
    /// Returns the messages that follow the request's <c>Last-Event-ID</c>, which is null if absent, and empty if it was empty. The client
    /// can send any text as the id. It is called once, before the headers are sent, so its exceptions are ordinary errors of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(Func<string?, IAsyncEnumerable<EventStreamMessage>> messages, Action<EventStreamOptions>? configure = null)
        : this(new MessageSource(messages), configure)
    {
    }

    /// <summary>Streams a channel: the messages that follow the client's position, and then each that is published.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="subscription">
    /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all messages, from the channel's
    /// <see cref="EventStreamChannelOptions.Start"/>.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(
        EventStreamChannel channel,
        EventStreamSubscriptionOptions? subscription = null,
        Action<EventStreamOptions>? configure = null)
        : this(ChannelSource.Of(channel, subscription), configure)
    {
    }

    /// <summary>Streams a run, which starts when the stream opens: <c>hub.Run(…)</c>.</summary>
    /// <remarks>
    /// It does not start for a <c>HEAD</c> request, for a stream that is refused, and for a client that has read the run to its end. Such
    /// a client gets 204, also after the channel is gone. If the channel has another history by then, the client gets that one.
    /// </remarks>
    /// <param name="run">The run.</param>
    /// <param name="subscription">
    /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all messages, from the channel's
    /// <see cref="EventStreamChannelOptions.Start"/>, or else from the first message.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(
        EventStreamRunRequest run,
        EventStreamSubscriptionOptions? subscription = null,
        Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        _answer = context => RunAsync(context, run, subscription, configure);
    }

    /// <summary>Streams a run that a function returns for the request: <c>() => hub.Run(…)</c>.</summary>
    /// <remarks>
    /// As for <see cref="EventStreamResult(EventStreamRunRequest, EventStreamSubscriptionOptions?, Action{EventStreamOptions}?)"/>.
    /// </remarks>
    /// <param name="run">
    /// Returns the run. It is called when the result is executed, so its exceptions are ordinary errors of the request.
    /// </param>
    /// <param name="subscription">
    /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all messages, from the channel's
    /// <see cref="EventStreamChannelOptions.Start"/>, or else from the first message.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(
        Func<EventStreamRunRequest> run,
        EventStreamSubscriptionOptions? subscription = null,
        Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        _answer = context => RunAsync(
            context,
            run() ?? throw new InvalidOperationException(
                "The function that returns the stream's run returned null. Return hub.Run(…), or another result if there is none."),
            subscription,
            configure);
    }

    /// <summary>Streams the channels of a subscription, as <c>MapEventStream</c> does.</summary>
    /// <remarks>
    /// For handlers that look up the channels. The result evaluates each channel's <c>AuthorizationPolicy</c> before the stream opens, and
    /// answers 401 or 403 if one does not succeed. For a channel that does not exist,
    /// <see cref="EventStreamChannelOptions.OnUnknown"/> answers. An invalid subscription, such as one without a channel, gets 400 with the
    /// reason.
    /// </remarks>
    /// <param name="subscription">
    /// The channels, and which of their messages. A name converts to a subscription: <c>Results.EventStream($"users/{id}")</c>.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(EventStreamSubscription subscription, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        _answer = context =>
        {
            var hub = EventStreamHub.Of(context.RequestServices);
            return new ChannelEndpoint(hub, pattern: null, _ => hub.Host.OptionsWith(configure)).RunAsync(context, _ => subscription);
        };
    }

    private EventStreamResult(Func<HttpContext, Task> answer) => _answer = answer;

    internal EventStreamResult(FrameSource source, Action<EventStreamOptions>? configure) =>
        _answer = context => EventStreamResponse.RunAsync(context, source, configure);

    /// <summary>200, unless the handler set another status.</summary>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary><c>text/event-stream</c>.</summary>
    public string ContentType => EventStreamHeaders.ContentType;

    /// <summary>Streams until the source or the request ends, or the host stops.</summary>
    /// <param name="httpContext">The request to answer.</param>
    /// <exception cref="InvalidOperationException">
    /// The handler set a content type or a status that an event stream cannot have. Or the result streams a subscription, and the app has
    /// not called <c>AddEventStreams</c>.
    /// </exception>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        return _answer(httpContext);
    }

    /// <summary>Streams the run of a channel while it is running; see <c>Results.EventStreamRun</c>.</summary>
    internal static EventStreamResult OfRunning(
        string channel, EventStreamSubscriptionOptions? subscription, Action<EventStreamOptions>? configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return new(context =>
        {
            var hub = EventStreamHub.Of(context.RequestServices);
            return new RunningEndpoint(hub, channel, subscription, hub.Host.OptionsWith(configure)).RunAsync(context);
        });
    }

    private static Task RunAsync(
        HttpContext context,
        EventStreamRunRequest run,
        EventStreamSubscriptionOptions? subscription,
        Action<EventStreamOptions>? configure)
    {
        // Captured before the run starts, which may take long: step 1 of Revocations.
        run.Hub.Registry.Revocations.Capture(context);
        run.Use();
        return EventStreamResponse.RunAsync(context, new RunSource(run, subscription), configure);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        EventStreamEndpointMetadata.AddTo(builder, typeof(SseItem<string>));
}
