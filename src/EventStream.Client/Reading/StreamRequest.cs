using System.Net.Http.Headers;

namespace EventStream.Client.Reading;

/// <summary>Makes the requests of a reading: one for each attempt, and one for each redirect.</summary>
internal sealed class StreamRequest(HttpClient client, Uri uri, EventStreamClientOptions options)
{
    // Without it, HttpClient in a browser returns a body only when it is complete. Elsewhere it has no effect.
    private static readonly HttpRequestOptionsKey<bool> StreamingInTheBrowser = new("WebAssemblyEnableStreamingResponse");

    private RequestTarget _first = new(uri, options.Method);
    private RequestTarget? _moved;

    /// <summary>Whether attempts begin where permanent redirects have led.</summary>
    public bool HasMoved => _moved is not null;

    /// <summary>Whether a request may carry credentials or other content for its origin alone.</summary>
    public bool IsForItsOriginAlone =>
        options is not { PrepareRequest: null, Content: null }
        || client.DefaultRequestHeaders.NonValidated.Any(static header => !IsHarmless(header.Key));

    /// <summary>Where an attempt begins.</summary>
    /// <remarks>It calls <c>ShouldFollow</c> again for another origin, because the app's answer may change.</remarks>
    /// <exception cref="EventStreamClientException">The attempt would begin at another origin, which is not allowed.</exception>
    public RequestTarget Begin()
    {
        if (_moved is not null && !IsAllowed(_moved)) Forget();
        var target = _moved ?? _first;
        if (!IsAllowed(target))
        {
            throw new EventStreamClientException(
                $"A redirect of {StreamAnswer.Shown(Resolve(uri))} led to another origin, {RequestTarget.OriginOf(target.Address)}. "
                + $"The next attempt would begin there. Allow the address by {nameof(EventStreamClientOptions.ShouldFollow)}.");
        }

        return target with { Address = Resolve(target.Address), Redirects = 0, IsPermanent = true };
    }

    /// <summary>Makes later attempts begin at an address that has sent a stream, if only permanent redirects led there.</summary>
    /// <remarks>RFC 9110, sections 15.4.2 and 15.4.9.</remarks>
    public void Remember(RequestTarget target)
    {
        if (target is { IsPermanent: true, Redirects: > 0 }) _moved = target;
    }

    /// <summary>Makes later attempts begin before the permanent redirects again, because no stream came from their address.</summary>
    public void Forget() => _moved = null;

    /// <summary>Makes later attempts begin at the address of a redirect that turned the request into a GET.</summary>
    /// <remarks>
    /// The server has carried out the first request (RFC 9110, section 15.4.4). So the client must not send it again, even if no stream
    /// comes.
    /// </remarks>
    public void ContinueAt(RequestTarget target) => (_first, _moved) = (target, null);

    /// <summary>Makes the request for the events after a position.</summary>
    /// <exception cref="Exception">The app's <see cref="EventStreamClientOptions.Content"/> has thrown.</exception>
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

    /// <summary>Lets the app complete the request, and change its address.</summary>
    /// <returns>Where the request goes then.</returns>
    /// <exception cref="EventStreamClientException">The request cannot be sent.</exception>
    public async ValueTask<RequestTarget> PrepareAsync(
        HttpRequestMessage message, RequestTarget target, CancellationToken cancellationToken)
    {
        if (options.PrepareRequest is { } prepare) await prepare(message, cancellationToken).ConfigureAwait(false);
        SendableHeaders.Check(message, client.DefaultRequestHeaders, options.AllowNonAsciiHeaders);
        var prepared = target with { Address = Resolve(message.RequestUri ?? target.Address), Method = message.Method };
        if (message.Content is { } body) message.Content = new OneOriginContent(body, message, prepared, options.ShouldFollow);
        return prepared;
    }

    /// <summary>Sends the request; the task completes when the answer's headers have arrived.</summary>
    /// <exception cref="InvalidOperationException">
    /// Thrown before a task is returned: the address is relative and has no base, or the client is disposed.
    /// </exception>
    public Task<HttpResponseMessage> Send(HttpRequestMessage message, CancellationToken cancellationToken) =>
        // Not an async method: HttpClient throws a mistake of the app at once, and the task would turn it into a failed attempt.
        client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private static bool IsHarmless(string header) =>
        header.StartsWith("Accept", StringComparison.OrdinalIgnoreCase)
        || header.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase);

    private bool IsAllowed(RequestTarget target) => !target.IsForeign || options.ShouldFollow?.Invoke(target.Address) is true;

    private Uri Resolve(Uri address) => !address.IsAbsoluteUri && client.BaseAddress is { } root ? new(root, address) : address;
}
