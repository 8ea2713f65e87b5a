using System.Net.Http.Headers;
using EventStream.Testing.Faults;

namespace EventStream.Testing;

/// <summary>
/// Makes connections go wrong as a test has planned, and keeps what it saw of each. It stands before any other handler:
/// <c>factory.CreateDefaultClient(faults)</c>, or <c>new HttpClient(faults)</c> with an <see cref="DelegatingHandler.InnerHandler"/>.
/// </summary>
/// <remarks>Any thread. Only what is sent asynchronously passes it.</remarks>
/// <param name="time">
/// The clock of <see cref="Fault.Delay"/> and <see cref="FaultConnection.At"/>. Null: the real time.
/// </param>
public sealed class FaultHandler(TimeProvider? time = null) : DelegatingHandler
{
    private readonly Lock _gate = new();
    private readonly Queue<Fault> _plan = [];
    private readonly List<FaultConnection> _connections = [];
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>What befalls the connections for which nothing is planned. <value><see cref="Fault.None"/>.</value></summary>
    public Fault Otherwise { get; set; } = Fault.None;

    /// <summary>The requests so far, in the order in which they came. A copy.</summary>
    public IReadOnlyList<FaultConnection> Connections
    {
        get
        {
            lock (_gate) return [.. _connections];
        }
    }

    /// <summary>Plans a fault for the next connections that have none.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="connections">For how many connections. At least 1.</param>
    /// <returns>This handler, for the next plan.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="fault"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="connections"/> is less than 1.</exception>
    public FaultHandler Plan(Fault fault, int connections = 1)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfLessThan(connections, 1);
        lock (_gate)
        {
            for (var i = 0; i < connections; i++) _plan.Enqueue(fault);
        }

        return this;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: a stream is read asynchronously.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A FaultHandler passes on asynchronous requests alone. Call SendAsync.");

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Fault fault;
        FaultConnection connection;
        lock (_gate)
        {
            fault = _plan.TryDequeue(out var planned) ? planned : Otherwise;
            connection = Add(request, fault, isDuplicate: false);
        }

        if (fault.Lateness > TimeSpan.Zero) await Task.Delay(fault.Lateness, _time, cancellationToken).ConfigureAwait(false);
        if (fault.IsRefused) throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused: a fault of the test.");
        var copy = fault.IsDuplicated ? await RequestCopy.OfAsync(request, cancellationToken).ConfigureAwait(false) : null;
        var response = fault.Status is null
            ? await PassOnAsync(request, connection, cancellationToken).ConfigureAwait(false)
            : Answer(request, fault);
        connection.Status = response.StatusCode;
        if (copy is not null) Duplicate(copy);
        return response;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var connection in Connections.Where(connection => connection.IsDuplicate)) connection.Cut();
        }

        base.Dispose(disposing);
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, Fault fault)
    {
        var response = new HttpResponseMessage(fault.Status!.Value) { RequestMessage = request };
        if (fault.RetryAfter is { } retryAfter) response.Headers.RetryAfter = new RetryConditionHeaderValue(retryAfter);
        return response;
    }

    private FaultConnection Add(HttpRequestMessage request, Fault fault, bool isDuplicate)
    {
        var connection = new FaultConnection(request, _time.GetUtcNow(), fault, isDuplicate);
        _connections.Add(connection);
        return connection;
    }

    private async Task<HttpResponseMessage> PassOnAsync(
        HttpRequestMessage request, FaultConnection connection, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var content = response.Content;
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        response.Content = new StreamContent(new FaultBody(content, body, connection.Gate, _time));
        foreach (var (name, values) in content.Headers.NonValidated) response.Content.Headers.TryAddWithoutValidation(name, values);
        return response;
    }

    private void Duplicate(HttpRequestMessage copy)
    {
        FaultConnection twin;
        lock (_gate) twin = Add(copy, Fault.None, isDuplicate: true);
        _ = RunTwinAsync(copy, twin);
    }

    /// <summary>Sends the twin, and reads its answer until somebody cuts it. The reader, who has an answer, does not wait for it.</summary>
    private async Task RunTwinAsync(HttpRequestMessage copy, FaultConnection twin)
    {
        try
        {
            using var response = await PassOnAsync(copy, twin, twin.Gate.Broken).ConfigureAwait(false);
            twin.Status = response.StatusCode;
            await response.Content.CopyToAsync(Stream.Null).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Cut, or without an answer, or the server is gone: in each case the twin is over, which is no concern of the reader's.
        }
    }
}
