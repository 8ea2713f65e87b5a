using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Reading;

namespace EventStream.Client;

/// <summary>Reads event streams.</summary>
public static class EventStreamHttpClientExtensions
{
    private const string NeedsReflection = "Without source-generated metadata JSON is read by reflection. Use the overload that takes a JsonTypeInfo<T>.";

    /// <summary>
    /// Reads a stream of Server-Sent Events; reconnects, with the position it has come to, until the server answers 204 or the reader
    /// leaves.
    /// </summary>
    /// <param name="client">Sends the requests. Its timeout holds until an answer's headers are there, not for the stream.</param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="options">What differs from the defaults; null: nothing.</param>
    /// <param name="cancellationToken">
    /// Ends the reading at once with an <see cref="OperationCanceledException"/>. To leave the loop ends it as well.
    /// </param>
    /// <returns>The events as they come. Each enumeration is a reading of its own; the requests begin with the first step.</returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: the server answered with another status than 200 and 204, or another content type, or an event is too large.
    /// </exception>
    /// <exception cref="HttpRequestException">
    /// While reading: <see cref="EventStreamClientOptions.MaxAttempts"/> attempts in a row failed, or the method's rule forbids another.
    /// </exception>
    /// <exception cref="IOException">
    /// As before, where the connection broke after the headers were there, or a handler cancelled the request. Where the body ended inside
    /// an event, it is an
    /// <see cref="HttpIOException"/> with <see cref="HttpRequestError.ResponseEnded"/>.
    /// </exception>
    /// <exception cref="TimeoutException">
    /// As before, where nothing came for <see cref="EventStreamClientOptions.IdleTimeout"/>, or no headers within <see
    /// cref="HttpClient.Timeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">While reading: the token is cancelled.</exception>
    /// <exception cref="Exception">
    /// As before, what a handler has thrown. A few types end the reading at once; docs/reference/client.md lists them.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is out of its range, or <see cref="EventStreamClientOptions.LastEventId"/> can be no position.
    /// </exception>
    /// <exception cref="UriFormatException"><paramref name="requestUri"/> is no address.</exception>
    public static IAsyncEnumerable<EventStreamClientEvent> ReadEventStreamAsync(
        this HttpClient client,
        [StringSyntax(StringSyntaxAttribute.Uri)] string requestUri,
        EventStreamClientOptions? options = null,
        CancellationToken cancellationToken = default) =>
        EventStreamReading.Start(client, requestUri, options, TextEvents.Instance, cancellationToken);

    /// <summary>Reads a stream of Server-Sent Events whose data is JSON.</summary>
    /// <typeparam name="T">What each event's data is read as.</typeparam>
    /// <param name="client">
    /// <inheritdoc cref="ReadEventStreamAsync(HttpClient, string, EventStreamClientOptions?, CancellationToken)" path="/param[@name='client']"/>
    /// </param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="jsonTypeInfo">How the JSON is read; works trimmed and compiled ahead of time.</param>
    /// <param name="options">What differs from the defaults; null: nothing.</param>
    /// <param name="cancellationToken">Ends the reading at once with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The events as they come; one that tells of a gap has <see cref="EventStreamClientEvent{T}.Gap"/> and no data. An event whose data is
    /// empty or white space moves the position and is left out. The last event of a stream that the server has completed has an id that
    /// ends in
    /// <c>.end</c>. It is left out too, where it is no JSON of
    /// <typeparamref name="T"/>.
    /// </returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: as without a type, or an event's data is not JSON of <typeparamref name="T"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is a whole event, such as <see cref="EventStreamClientEvent"/>, and not the type of the data.
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
    /// <typeparam name="T">What each event's data is read as.</typeparam>
    /// <param name="client">
    /// <inheritdoc cref="ReadEventStreamAsync(HttpClient, string, EventStreamClientOptions?, CancellationToken)" path="/param[@name='client']"/>
    /// </param>
    /// <param name="requestUri">The address; relative to the client's base address if it has one.</param>
    /// <param name="options">What differs from the defaults; null: nothing.</param>
    /// <param name="jsonOptions">
    /// How the JSON is read; null: <see cref="JsonSerializerOptions.Web"/>. They cannot be changed from then on.
    /// </param>
    /// <param name="cancellationToken">Ends the reading at once with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The events as they come; one that tells of a gap has <see cref="EventStreamClientEvent{T}.Gap"/> and no data. An event whose data is
    /// empty or white space moves the position and is left out. The last event of a stream that the server has completed has an id that
    /// ends in
    /// <c>.end</c>. It is left out too, where it is no JSON of
    /// <typeparamref name="T"/>.
    /// </returns>
    /// <exception cref="EventStreamClientException">
    /// While reading: as without a type, or an event's data is not JSON of <typeparamref name="T"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is a whole event, such as <see cref="EventStreamClientEvent"/>, and not the type of the data.
    /// </exception>
    [OverloadResolutionPriority(1)] // For null, which could be meant for either overload.
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
