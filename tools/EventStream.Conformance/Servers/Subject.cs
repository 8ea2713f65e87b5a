using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>The server under test, as the checks see it.</summary>
internal sealed class Subject(Settings settings, StartedServer? process) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    public Settings Settings => settings;

    public Limits Limits => settings.Limits;

    /// <summary>Null where the tool did not start it.</summary>
    public StartedServer? Process => process;

    /// <summary>A request with the headers that every request has.</summary>
    public Request Request(Uri address) => new(address) { Headers = settings.Headers };

    /// <summary>Sends a request and listens; does not wait for an answer.</summary>
    public Task<Listener> SendAsync(Uri address, string? lastEventId = null) => Listener.OpenAsync(Request(address) with { LastEventId = lastEventId });

    /// <summary>Opens a stream.</summary>
    /// <exception cref="LackException">It does not open.</exception>
    public async Task<Listener> OpenAsync(Request request)
    {
        var listener = await Listener.OpenAsync(request);
        try
        {
            var head = await listener.ExpectHeadAsync(Limits.Message);
            if (head.Status != 200) throw new LackException($"{request.Address.PathAndQuery} answered {request.Method} with {head.Status}, where a stream was expected");
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    public Task<Listener> OpenAsync(Uri address) => OpenAsync(Request(address));

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
            throw new LackException($"{request.RequestUri!.PathAndQuery} did not answer {request.Method} within {Duration.Show(Limits.Message)}");
        }
    }

    public void Dispose() => _client.Dispose();
}
