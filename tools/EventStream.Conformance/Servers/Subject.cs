using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>The server under test, as the checks see it.</summary>
internal sealed class Subject(Settings settings, StartedServer? process) : IDisposable
{
    // Servers refuse a request whose headers are longer than 8 to 32 KiB.
    private const int LongestId = 4096;

    // A redirect is an answer like any other: the address to examine is the one that it leads to.
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    public Settings Settings => settings;

    public Limits Limits => settings.Limits;

    /// <summary>Null where the tool did not start it.</summary>
    public StartedServer? Process => process;

    /// <summary>A request with the headers that every request has.</summary>
    /// <exception cref="LackException">The id is longer than any server takes back.</exception>
    public Request Request(Uri address, string? lastEventId = null) => lastEventId is { Length: > LongestId }
        ? throw new LackException($"an id of {lastEventId.Length} characters, which no server takes back in Last-Event-ID")
        : new(address) { Headers = settings.Headers, LastEventId = lastEventId };

    /// <summary>Sends a request and listens; does not wait for an answer.</summary>
    public Task<Listener> SendAsync(Uri address, string? lastEventId = null) => Listener.OpenAsync(Request(address, lastEventId));

    /// <summary>Sends several requests and listens; gives those that do not wait for a message the time to answer.</summary>
    /// <exception cref="LackException">An answer is no stream.</exception>
    public async Task<Listener[]> OpenAsync(Uri address, int count)
    {
        var request = Request(address);
        var listeners = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Listener.OpenAsync(request)));
        try
        {
            // Where headers wait for a message they do not come; the requests have arrived by then all the same.
            var heads = await Task.WhenAll(listeners.Select(listener => listener.HeadAsync(Limits.Headers)));
            foreach (var head in heads) request.ExpectStream(head);
            return listeners;
        }
        catch
        {
            foreach (var listener in listeners) await listener.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens what any client would read as a stream.</summary>
    /// <exception cref="LackException">It does not open.</exception>
    public async Task<Listener> OpenAsync(Request request)
    {
        var listener = await Listener.OpenAsync(request);
        try
        {
            request.ExpectStream(await listener.ExpectHeadAsync(Limits.Message));
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    public Task<Listener> OpenAsync(Uri address, string? lastEventId = null) => OpenAsync(Request(address, lastEventId));

    /// <summary>A request by the framework's own client, for what raw bytes do not matter to.</summary>
    public async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request)
    {
        foreach (var (name, value) in settings.Headers) request.Headers.TryAddWithoutValidation(name, value);
        using var limit = new CancellationTokenSource(Limits.Message);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new LackException(
                $"{request.RequestUri!.PathAndQuery} did not answer {request.Method} within {Duration.Show(Limits.Message)}");
        }
    }

    public void Dispose() => _client.Dispose();
}
