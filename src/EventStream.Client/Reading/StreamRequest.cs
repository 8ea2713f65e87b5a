using System.Net.Http.Headers;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>What is asked for, made anew for each attempt.</summary>
internal sealed class StreamRequest(HttpClient client, Uri uri, EventStreamClientOptions options)
{
    // A browser hands a response on as it comes only if it is told to; elsewhere nobody reads this option.
    private static readonly HttpRequestOptionsKey<bool> StreamingInTheBrowser = new("WebAssemblyEnableStreamingResponse");

    /// <summary>
    /// The request for what follows a position. Throws what the caller's <see cref="EventStreamClientOptions.Content"/> throws.
    /// </summary>
    public HttpRequestMessage Make(string lastEventId)
    {
        var message = new HttpRequestMessage(options.Method, uri)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = options.Content?.Invoke(),
        };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(StreamAnswer.MediaType));
        message.Headers.CacheControl = new() { NoCache = true };
        if (lastEventId.Length > 0) message.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        message.Options.Set(StreamingInTheBrowser, true);
        return message;
    }

    /// <summary>Lets the caller complete the request.</summary>
    public async ValueTask<HttpRequestMessage> PrepareAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        if (options.PrepareRequest is { } prepare) await prepare(message, cancellationToken).ConfigureAwait(false);
        return message;
    }

    /// <summary>Asks; the task is complete when the answer's headers are there.</summary>
    /// <exception cref="InvalidOperationException">
    /// At once: no handler can be asked, because the address is relative and has no base, or the client is disposed.
    /// </exception>
    public Task<HttpResponseMessage> Send(HttpRequestMessage message, string lastEventId, CancellationToken cancellationToken)
    {
        // Called here, and not in the task, because HttpClient throws at once what it finds wrong before it asks a handler.
        var sending = client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return Ascii.IsValid(lastEventId) ? sending : ExplainAsync(sending, lastEventId);
    }

    private static async Task<HttpResponseMessage> ExplainAsync(Task<HttpResponseMessage> sending, string lastEventId)
    {
        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (error is { HttpRequestError: HttpRequestError.Unknown, InnerException: null })
        {
            // Every attempt would fail in the same way, before a byte is sent.
            throw new EventStreamException(
                $"The position '{lastEventId}' is not ASCII, and this HttpClient does not send it. Give it a SocketsHttpHandler with RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, or use ASCII ids.",
                inner: error);
        }
    }
}
