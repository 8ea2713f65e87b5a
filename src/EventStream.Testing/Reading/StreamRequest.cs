namespace EventStream.Testing.Reading;

/// <summary>Makes and sends the request of each connection.</summary>
internal sealed class StreamRequest(HttpClient client, Uri url, TestEventSourceOptions options)
{
    /// <summary>Sends the request, and returns when the answer's headers have arrived.</summary>
    public async Task<HttpResponseMessage> SendAsync(string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(options.Method, url)
        {
            Version = options.HttpVersion ?? client.DefaultRequestVersion,
            VersionPolicy = options.HttpVersion is null ? client.DefaultVersionPolicy : HttpVersionPolicy.RequestVersionExact,
            Content = options.Content?.Invoke(),
        };
        Set("Accept", "text/event-stream");
        Set("Cache-Control", "no-cache");
        if (lastEventId is not null) Set("Last-Event-ID", lastEventId);
        foreach (var (name, value) in options.Headers) Set(name, value);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);

        void Set(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    public string Describe(string? lastEventId) =>
        $"{options.Method} {url}{(lastEventId is null ? "" : $", Last-Event-ID: {lastEventId}")}";
}
