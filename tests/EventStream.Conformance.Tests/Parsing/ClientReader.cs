using System.Text;
using EventStream.Client;
using EventStream.Testing;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>The second reader: the client, over a real connection.</summary>
internal sealed class ClientReader : IDisposable
{
    private readonly RowServer _server;

    // Ids of the table are not all ASCII, and without the selector HttpClient sends no others.
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });

    public ClientReader(RowServer server)
    {
        _server = server;
        _http.BaseAddress = server.Address;
    }

    public async Task<Outcome> ReadAsync(int row)
    {
        List<Received> events = [];
        var isCut = await ReadAsync(RowServer.PathOf("client", row), events);
        var wait = await ReconnectAsync(RowServer.PathOf("client-that-returns", row));
        return new(events, _server.Returns[^1].Position, wait, isCut);
    }

    public void Dispose() => _http.Dispose();

    // Reads once; true if the client takes the end for a cut.
    private async Task<bool> ReadAsync(string path, List<Received> events)
    {
        try
        {
            await foreach (var received in _http.ReadEventStreamAsync(
                path, new() { Reconnect = EventStreamClientReconnect.Never, IdleTimeout = null }))
            {
                events.Add(new(received.Event, received.Data, received.LastEventId));
            }

            return false;
        }
        catch (HttpIOException cut) when (cut.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            return true;
        }
    }

    // Reads once more, and reconnects as the client does by default.
    private async Task<Wait> ReconnectAsync(string path)
    {
        var time = new FakeTime();
        var delay = TimeSpan.Zero;
        var options = new EventStreamClientOptions
        {
            TimeProvider = time,
            IdleTimeout = null,
            AllowNonAsciiHeaders = true,
            OnRetrying = retrying => delay = retrying.Delay,
        };
        var reading = Task.Run(async () => await _http.ReadEventStreamAsync(path, options).LastOrDefaultAsync());
        await Soon.Until(
            () =>
            {
                time.Advance(delay);
                return reading.IsCompleted;
            },
            $"the client's return to {path}");
        await reading;
        return Wait.OfDelay(delay.TotalMilliseconds);
    }
}
