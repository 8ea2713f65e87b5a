namespace EventStream.Testing.Faults;

/// <summary>Copies a request, because a message can be sent only once.</summary>
internal static class RequestCopy
{
    public static async Task<HttpRequestMessage> OfAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
        };
        foreach (var (name, values) in request.Headers.NonValidated) copy.Headers.TryAddWithoutValidation(name, values);
        if (request.Content is not { } content) return copy;

        await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        copy.Content = new ByteArrayContent(await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        foreach (var (name, values) in content.Headers.NonValidated) copy.Content.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }
}
