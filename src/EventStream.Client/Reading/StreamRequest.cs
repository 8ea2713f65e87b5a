using System.Net.Http.Headers;

namespace EventStream.Client.Reading;

/// <summary>What is asked for, made anew for each attempt, and after each redirect.</summary>
internal sealed class StreamRequest(HttpClient client, Uri uri, EventStreamClientOptions options)
{
    // A browser hands a response on as it comes only if it is told to; elsewhere nobody reads this option.
    private static readonly HttpRequestOptionsKey<bool> StreamingInTheBrowser = new("WebAssemblyEnableStreamingResponse");

    private Uri _address = uri;

    /// <summary>Where an attempt begins.</summary>
    public RequestTarget First => new(Resolve(_address), options.Method);

    /// <summary>
    /// Tells that a stream has come. After permanent redirects alone, attempts begin there from then on (RFC 9110, sections 15.4.2 and
    /// 15.4.9).
    /// </summary>
    public void Remember(RequestTarget target)
    {
        if (target.IsPermanent) _address = target.Address;
    }

    /// <summary>
    /// The request for what follows a position. Throws what the caller's <see cref="EventStreamClientOptions.Content"/> throws.
    /// </summary>
    public HttpRequestMessage Make(RequestTarget target, string lastEventId)
    {
        var message = new HttpRequestMessage(target.Method, target.Address)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = target.HasContent ? options.Content?.Invoke() : null,
        };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(StreamAnswer.MediaType));
        message.Headers.CacheControl = new() { NoCache = true };
        if (lastEventId.Length > 0) message.Headers.TryAddWithoutValidation(SendableHeaders.LastEventId, lastEventId);
        message.Options.Set(StreamingInTheBrowser, true);
        return message;
    }

    /// <summary>Lets the caller complete the request, and change its address. Returns where it goes then.</summary>
    /// <exception cref="EventStreamException">The request cannot be sent.</exception>
    public async ValueTask<RequestTarget> PrepareAsync(
        HttpRequestMessage message, RequestTarget target, CancellationToken cancellationToken)
    {
        if (options.PrepareRequest is { } prepare) await prepare(message, cancellationToken).ConfigureAwait(false);
        SendableHeaders.Check(message, client.DefaultRequestHeaders, options.AllowNonAsciiHeaders);
        var prepared = target with { Address = Resolve(message.RequestUri ?? target.Address) };
        if (message.Content is { } body) message.Content = new OneOriginContent(body, message, prepared, options.ShouldFollow);
        return prepared;
    }

    /// <summary>Asks; the task is complete when the answer's headers are there.</summary>
    /// <exception cref="InvalidOperationException">
    /// At once: no handler can be asked, because the address is relative and has no base, or the client is disposed.
    /// </exception>
    public Task<HttpResponseMessage> Send(HttpRequestMessage message, CancellationToken cancellationToken) =>
        // Called here, and not in the task, because HttpClient throws at once what it finds wrong before it asks a handler.
        client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private Uri Resolve(Uri address) => !address.IsAbsoluteUri && client.BaseAddress is { } root ? new(root, address) : address;
}
