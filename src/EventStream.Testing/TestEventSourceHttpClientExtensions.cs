namespace EventStream.Testing;

/// <summary>Opens event streams for tests, with any <see cref="HttpClient"/>.</summary>
/// <remarks>It may be that of a <c>WebApplicationFactory</c>, of a <c>TestServer</c>, or one for a real address.</remarks>
public static class TestEventSourceHttpClientExtensions
{
    /// <summary>Opens a stream, and returns when its headers have arrived.</summary>
    /// <param name="client">The client. The stream does not dispose of it.</param>
    /// <param name="url">The address; absolute, or relative to the client's base address.</param>
    /// <param name="options">The request and the timeout; null for the defaults.</param>
    /// <returns>The open stream.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> or <paramref name="url"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TestEventSourceOptions.Timeout"/> is not more than zero.</exception>
    /// <exception cref="EventStreamTestException">
    /// There is no answer within the timeout, or it has another status or content type than expected.
    /// </exception>
    public static async Task<TestEventSource> OpenEventStreamAsync(
        this HttpClient client, string url, TestEventSourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(url);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(options));
        var stream = new TestEventSource(client, new Uri(url, UriKind.RelativeOrAbsolute), options);
        try
        {
            await stream.OpenAsync().ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
