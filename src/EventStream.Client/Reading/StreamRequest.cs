using System.Net.Http.Headers;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>What is asked for, made anew for each attempt.</summary>
internal sealed class StreamRequest(HttpClient client, Uri uri, EventStreamClientOptions options)
{
    // A browser hands a response on as it comes only if it is told to; elsewhere nobody reads this option.
    private static readonly HttpRequestOptionsKey<bool> StreamingInTheBrowser = new("WebAssemblyEnableStreamingResponse");

    /// <summary>Asks, and returns when the answer's headers are there.</summary>
    public async Task<HttpResponseMessage> SendAsync(string lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(options.Method, uri)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = options.Content?.Invoke(),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(StreamAnswer.MediaType));
        request.Headers.CacheControl = new() { NoCache = true };
        if (lastEventId.Length > 0) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        request.Options.Set(StreamingInTheBrowser, true);
        if (options.PrepareRequest is { } prepare) await prepare(request, cancellationToken).ConfigureAwait(false);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (!Ascii.IsValid(lastEventId) && error is { HttpRequestError: HttpRequestError.Unknown, InnerException: null })
        {
            // Every attempt would fail in the same way, before a byte is sent.
            throw new EventStreamException(
                $"The position '{lastEventId}' is not ASCII, and this HttpClient does not send it. Give it a SocketsHttpHandler with RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, or use ASCII ids.",
                inner: error);
        }
    }
}
