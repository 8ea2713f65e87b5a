using System.Net.Http.Headers;

namespace EventStream.Client.Reading;

/// <summary>What is asked for, made anew for each attempt, and after each redirect.</summary>
internal sealed class StreamRequest(HttpClient client, Uri uri, EventStreamClientOptions options)
{
    // A browser hands a response on as it comes only if it is told to; elsewhere nobody reads this option.
    private static readonly HttpRequestOptionsKey<bool> StreamingInTheBrowser = new("WebAssemblyEnableStreamingResponse");

    private RequestTarget _first = new(uri, options.Method);
    private RequestTarget? _moved;

    /// <summary>Whether attempts begin where permanent redirects have led.</summary>
    public bool HasMoved => _moved is not null;

    /// <summary>Whether a request may carry what is for its origin alone, such as a credential.</summary>
    public bool IsForItsOriginAlone =>
        options is not { PrepareRequest: null, Content: null }
        || client.DefaultRequestHeaders.NonValidated.Any(static header => !IsForAnybody(header.Key));

    /// <summary>Where an attempt begins. Another origin is allowed anew each time, because the caller's mind may change.</summary>
    /// <exception cref="EventStreamClientException">It would begin at another origin, which is not allowed.</exception>
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

    /// <summary>
    /// Tells that a stream has come. After permanent redirects alone, attempts begin there from then on (RFC 9110, sections 15.4.2 and
    /// 15.4.9).
    /// </summary>
    public void Remember(RequestTarget target)
    {
        if (target is { IsPermanent: true, Redirects: > 0 }) _moved = target;
    }

    /// <summary>Tells that no stream comes from where permanent redirects have led: attempts begin before them again.</summary>
    public void Forget() => _moved = null;

    /// <summary>
    /// Tells that a redirect has made a GET of the request (RFC 9110, section 15.4.4). What was asked for is done, and is not asked for
    /// again: attempts begin there, whether or not a stream comes.
    /// </summary>
    public void ContinueAt(RequestTarget target) => (_first, _moved) = (target, null);

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

    /// <summary>Asks; the task is complete when the answer's headers are there.</summary>
    /// <exception cref="InvalidOperationException">
    /// At once: no handler can be asked, because the address is relative and has no base, or the client is disposed.
    /// </exception>
    public Task<HttpResponseMessage> Send(HttpRequestMessage message, CancellationToken cancellationToken) =>
        // Called here, and not in the task, because HttpClient throws at once what it finds wrong before it asks a handler.
        client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private static bool IsForAnybody(string header) =>
        header.StartsWith("Accept", StringComparison.OrdinalIgnoreCase)
        || header.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase);

    private bool IsAllowed(RequestTarget target) => !target.IsForeign || options.ShouldFollow?.Invoke(target.Address) is true;

    private Uri Resolve(Uri address) => !address.IsAbsoluteUri && client.BaseAddress is { } root ? new(root, address) : address;
}
