using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Reading;

namespace EventStream.Client;

/// <summary>Reads event streams.</summary>
public static class EventStreamHttpClientExtensions
{
    private const string NeedsReflection =
        "Without source-generated metadata JSON is read by reflection. Use the overload that takes a JsonTypeInfo<T>.";

    /// <summary>Reads a stream of Server-Sent Events and reconnects, with its position, when the stream ends or breaks.</summary>
    /// <remarks>The reading ends when the server answers 204, or when the app leaves the loop.</remarks>
    /// <param name="client">Sends the requests. Its timeout limits the wait for an answer's headers, not the stream.</param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="options">The options; null: the defaults.</param>
    /// <param name="cancellationToken">
    /// Ends the reading at once with an <see cref="OperationCanceledException"/>. Leaving the loop ends it as well.
    /// </param>
    /// <returns>The events as they arrive. Each enumeration is a separate reading; its first step sends the first request.</returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: the server answered with another status than 200 and 204, or another content type, or an event is too large.
    /// </exception>
    /// <exception cref="HttpRequestException">
    /// While reading: <see cref="EventStreamClientOptions.MaxAttempts"/> attempts in a row failed, or the method's rule forbids another.
    /// </exception>
    /// <exception cref="IOException">
    /// As for <see cref="HttpRequestException"/>, if the connection broke after the headers had arrived, or a handler cancelled the
    /// request. If the body ended inside an event, it is an <see cref="HttpIOException"/> with
    /// <see cref="HttpRequestError.ResponseEnded"/>.
    /// </exception>
    /// <exception cref="TimeoutException">
    /// As for <see cref="HttpRequestException"/>, if no byte arrived for <see cref="EventStreamClientOptions.IdleTimeout"/>, or no headers
    /// within <see cref="HttpClient.Timeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">While reading: the token is cancelled.</exception>
    /// <exception cref="Exception">
    /// As for <see cref="HttpRequestException"/>: an exception of a handler. A few types end the reading at once; docs/reference/client.md
    /// lists them.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is out of its range, or <see cref="EventStreamClientOptions.LastEventId"/> cannot be a position.
    /// </exception>
    /// <exception cref="UriFormatException"><paramref name="requestUri"/> is not an address.</exception>
    public static IAsyncEnumerable<EventStreamClientEvent> ReadEventStreamAsync(
        this HttpClient client,
        [StringSyntax(StringSyntaxAttribute.Uri)] string requestUri,
        EventStreamClientOptions? options = null,
        CancellationToken cancellationToken = default) =>
        EventStreamReading.Start(client, requestUri, options, TextEvents.Instance, cancellationToken);

    /// <summary>Reads a stream of Server-Sent Events whose data is JSON.</summary>
    /// <typeparam name="T">The type of each event's data.</typeparam>
    /// <param name="client">Sends the requests. Its timeout limits the wait for an answer's headers, not the stream.</param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="jsonTypeInfo">How to read the JSON. It works in trimmed apps and with native AOT.</param>
    /// <param name="options">The options; null: the defaults.</param>
    /// <param name="cancellationToken">Ends the reading at once with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The events as they arrive. An event that announces a gap has <see cref="EventStreamClientEvent{T}.Gap"/> and no data. An event
    /// whose data is empty or white space moves the position, and the client does not return it. The last event of a completed stream has
    /// an id that ends in <c>.end</c>. The client does not return it either, if it is not JSON of <typeparamref name="T"/>.
    /// </returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: as for the overload without a type, or an event's data is not JSON of <typeparamref name="T"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is the type of a whole event, such as <see cref="EventStreamClientEvent"/>, instead of the data's type.
    /// </exception>
    public static IAsyncEnumerable<EventStreamClientEvent<T>> ReadEventStreamAsync<T>(
        this HttpClient client,
        [StringSyntax(StringSyntaxAttribute.Uri)] string requestUri,
        JsonTypeInfo<T> jsonTypeInfo,
        EventStreamClientOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jsonTypeInfo);
        EventType.Refuse(jsonTypeInfo);
        return EventStreamReading.Start(client, requestUri, options, new JsonEvents<T>(jsonTypeInfo), cancellationToken);
    }

    /// <summary>Reads a stream of Server-Sent Events whose data is JSON.</summary>
    /// <typeparam name="T">The type of each event's data.</typeparam>
    /// <param name="client">Sends the requests. Its timeout limits the wait for an answer's headers, not the stream.</param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="options">The options; null: the defaults.</param>
    /// <param name="jsonOptions">
    /// How to read the JSON; null: <see cref="JsonSerializerOptions.Web"/>. This call makes them read-only.
    /// </param>
    /// <param name="cancellationToken">Ends the reading at once with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The events as they arrive. An event that announces a gap has <see cref="EventStreamClientEvent{T}.Gap"/> and no data. An event
    /// whose data is empty or white space moves the position, and the client does not return it. The last event of a completed stream has
    /// an id that ends in <c>.end</c>. The client does not return it either, if it is not JSON of <typeparamref name="T"/>.
    /// </returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: as for the overload without a type, or an event's data is not JSON of <typeparamref name="T"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is the type of a whole event, such as <see cref="EventStreamClientEvent"/>, instead of the data's type.
    /// </exception>
    [OverloadResolutionPriority(1)] // Without it, a call with null would be ambiguous between the overloads.
    [RequiresUnreferencedCode(NeedsReflection)]
    [RequiresDynamicCode(NeedsReflection)]
    public static IAsyncEnumerable<EventStreamClientEvent<T>> ReadEventStreamAsync<T>(
        this HttpClient client,
        [StringSyntax(StringSyntaxAttribute.Uri)] string requestUri,
        EventStreamClientOptions? options = null,
        JsonSerializerOptions? jsonOptions = null,
        CancellationToken cancellationToken = default)
    {
        var json = jsonOptions ?? JsonSerializerOptions.Web;
        json.MakeReadOnly(populateMissingResolver: true);
        return client.ReadEventStreamAsync(requestUri, (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T)), options, cancellationToken);
    }
}
