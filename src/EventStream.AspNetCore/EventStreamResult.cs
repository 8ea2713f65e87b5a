using System.Net.ServerSentEvents;
using System.Reflection;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>A response that is an event stream: each message of its source is written and flushed as it is made.</summary>
/// <remarks>
/// What <c>Results.EventStream</c> and <c>TypedResults.EventStream</c> return for messages; an MVC action may return it as well. Executed
/// once or often, each time with an enumeration of its own, if the source allows that.
/// </remarks>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, section 9.2: Server-sent events</seealso>
public sealed class EventStreamResult : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private readonly Func<HttpContext, Task> _answer;

    /// <summary>A stream of <paramref name="messages"/> that takes no notice of the client's position.</summary>
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

    /// <summary>A stream that resumes: <paramref name="messages"/> is called with the client's position.</summary>
    /// <param name="messages">
    /// From the <c>Last-Event-ID</c> of the request (null if there was none, empty if it was empty) to the messages that follow it. The id
    /// is the client's word: any text may come. Called once, before the headers leave, so what it throws is an ordinary error of the
    /// request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(Func<string?, IAsyncEnumerable<EventStreamMessage>> messages, Action<EventStreamOptions>? configure = null)
        : this(new MessageSource(messages), configure)
    {
    }

    /// <summary>The stream of a channel: what followed the client's position, then what is published.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="subscription">
    /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all of them, as the channel's
    /// options say.
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

    /// <summary>The stream of a channel that is looked up when the stream opens.</summary>
    /// <remarks>It is not looked up for a client that has read the channel to the end.</remarks>
    /// <param name="channel">
    /// Returns the channel. Called once, before the headers leave, so what it throws is an ordinary error of the request.
    /// </param>
    /// <param name="subscription">
    /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all of them, as the channel's
    /// options say.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    public EventStreamResult(
        Func<EventStreamChannel> channel,
        EventStreamSubscriptionOptions? subscription = null,
        Action<EventStreamOptions>? configure = null)
        : this(DeferredOf(channel, subscription), configure)
    {
    }

    /// <summary>The stream of the channels that a request subscribes to, answered as by <c>MapEventStream</c>.</summary>
    /// <remarks>
    /// For handlers that look up which channels they are. The channels' policies are asked, and a channel that does not exist goes through
    /// <see cref="EventStreamChannelOptions.OnUnknown"/>. A subscription that no connection can follow gets 400 with the reason.
    /// </remarks>
    /// <param name="subscription">The channels, and which of their messages.</param>
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

    internal EventStreamResult(FrameSource source, Action<EventStreamOptions>? configure) =>
        _answer = context => EventStreamResponse.RunAsync(context, source, configure);

    /// <summary>200, unless the handler set another status.</summary>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary><c>text/event-stream</c>.</summary>
    public string ContentType => EventStreamHeaders.ContentType;

    /// <summary>Streams until the source or the request ends, or the host stops.</summary>
    /// <param name="httpContext">The request to answer.</param>
    /// <exception cref="InvalidOperationException">
    /// The handler set a content type or a status that an event stream cannot have. Or it is the stream of a subscription, and the app has
    /// not called <c>AddEventStreams</c>.
    /// </exception>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        return _answer(httpContext);
    }

    private static DeferredChannelSource DeferredOf(Func<EventStreamChannel> channel, EventStreamSubscriptionOptions? subscription)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new(channel, subscription);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        EventStreamEndpointMetadata.AddTo(builder, typeof(SseItem<string>));
}
