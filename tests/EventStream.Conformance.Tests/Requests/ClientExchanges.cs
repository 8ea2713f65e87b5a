using System.Text;
using EventStream.Client;
using EventStream.Conformance.Tests.Parsing;
using EventStream.Testing;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>The client, with the requests of the row.</summary>
internal sealed class ClientExchanges(AnswerServer server) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    }) { BaseAddress = server.Address };

    public async Task<Exchange> RunAsync(int row, Instructions with)
    {
        var time = new FakeTime();
        List<Received> events = [];
        var reading = Task.Run(() => ReadAsync(AnswerServer.PathOf(row), OptionsOf(with, time), events));
        await Soon.Until(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return reading.IsCompleted;
            },
            $"the end of the reading of row {row}");
        return new(server.AsksOf(row), events, await reading);
    }

    public void Dispose() => _http.Dispose();

    private async Task<End> ReadAsync(string path, EventStreamClientOptions options, List<Received> events)
    {
        try
        {
            await foreach (var received in _http.ReadEventStreamAsync(path, options))
            {
                events.Add(new(received.Event, received.Data, received.LastEventId));
            }

            return End.Finished;
        }
        catch (EventStreamClientException)
        {
            return End.Refused;
        }
    }

    private static EventStreamClientOptions OptionsOf(Instructions with, FakeTime time) => new()
    {
        TimeProvider = time,
        IdleTimeout = null,
        AllowNonAsciiHeaders = true,
        Method = new(with.Method),
        LastEventId = with.Position,
        Content = with.Body is { } body ? () => new StringContent(body) : null,
        PrepareRequest = with.Header?.Split(": ") is [var name, var value] ? (request, _) =>
        {
            request.Headers.Add(name, value);
            return ValueTask.CompletedTask;
        } : null,
    };
}
