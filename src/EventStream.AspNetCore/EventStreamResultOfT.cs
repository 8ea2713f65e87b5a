using System.Net.ServerSentEvents;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>A response that is an event stream of payloads of type <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The type of the payloads. API documents show the response as <see cref="SseItem{T}"/> of it.</typeparam>
/// <remarks>
/// Strings and bytes are text, and everything else is JSON by the app's own options. <c>Results.EventStream</c> and
/// <c>TypedResults.EventStream</c> return it for payloads and for <see cref="SseItem{T}"/>; an MVC action may return it as well. A stream
/// of bare payloads has no ids; to let clients resume, use <see cref="SseItem{T}"/>, or <see cref="EventStreamMessage.Json{T}"/> with an
/// id.
/// </remarks>
public sealed class EventStreamResult<T> : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private readonly FrameSource _source;
    private readonly Action<EventStreamOptions>? _configure;

    /// <summary>Streams payloads, without ids.</summary>
    /// <param name="values">
    /// The payloads; enumerated with a token that is cancelled when the client leaves, the host stops or the stream's lifetime ends.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    public EventStreamResult(IAsyncEnumerable<T> values, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null)
        : this(new ValueSource<T>(values, jsonTypeInfo), configure)
    {
    }

    /// <summary>Streams payloads that follow the client's position.</summary>
    /// <param name="values">
    /// Returns the payloads that follow the request's <c>Last-Event-ID</c>, which is null if absent, and empty if it was empty. The client
    /// can send any text as the id. It is called once, before the headers are sent, so its exceptions are ordinary errors of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    public EventStreamResult(
        Func<string?, IAsyncEnumerable<T>> values, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null)
        : this(new ValueSource<T>(values, jsonTypeInfo), configure)
    {
    }

    /// <summary>Streams the framework's items.</summary>
    /// <remarks>A field that breaks the rules of <see cref="EventStreamMessage"/> is a fault of the source.</remarks>
    /// <param name="items">
    /// The items; enumerated with a token that is cancelled when the client leaves, the host stops or the stream's lifetime ends.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
    public EventStreamResult(
        IAsyncEnumerable<SseItem<T>> items, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null)
        : this(new SseItemSource<T>(items, jsonTypeInfo), configure)
    {
    }

    /// <summary>Streams the framework's items that follow the client's position.</summary>
    /// <remarks>A field that breaks the rules of <see cref="EventStreamMessage"/> is a fault of the source.</remarks>
    /// <param name="items">
    /// Returns the items that follow the request's <c>Last-Event-ID</c>, which is null if absent, and empty if it was empty. The client can
    /// send any text as the id. It is called once, before the headers are sent, so its exceptions are ordinary errors of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
    public EventStreamResult(
        Func<string?, IAsyncEnumerable<SseItem<T>>> items,
        Action<EventStreamOptions>? configure = null,
        JsonTypeInfo<T>? jsonTypeInfo = null)
        : this(new SseItemSource<T>(items, jsonTypeInfo), configure)
    {
    }

    private EventStreamResult(FrameSource source, Action<EventStreamOptions>? configure)
    {
        _source = source;
        _configure = configure;
    }

    /// <summary>200, unless the handler set another status.</summary>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary><c>text/event-stream</c>.</summary>
    public string ContentType => EventStreamHeaders.ContentType;

    /// <summary>Streams until the source or the request ends, or the host stops.</summary>
    /// <param name="httpContext">The request to answer.</param>
    /// <exception cref="InvalidOperationException">
    /// The handler set a content type or a status that an event stream cannot have.
    /// </exception>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    public Task ExecuteAsync(HttpContext httpContext) => EventStreamResponse.RunAsync(httpContext, _source, _configure);

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        EventStreamEndpointMetadata.AddTo(builder, typeof(SseItem<T>));
}
