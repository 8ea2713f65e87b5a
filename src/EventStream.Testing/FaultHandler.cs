using System.Net.Http.Headers;
using EventStream.Testing.Faults;

namespace EventStream.Testing;

/// <summary>Breaks, stalls or refuses connections as a test has planned, and records each connection.</summary>
/// <remarks>
/// Put it before any other handler: <c>factory.CreateDefaultClient(faults)</c>, or <c>new HttpClient(faults)</c> with an
/// <see cref="DelegatingHandler.InnerHandler"/>. Safe from any thread. It supports asynchronous requests only.
/// </remarks>
/// <param name="time">
/// The clock of <see cref="Fault.Delay"/> and <see cref="FaultConnection.At"/>. Null, the default: the real time.
/// </param>
public sealed class FaultHandler(TimeProvider? time = null) : DelegatingHandler
{
    private readonly Lock _gate = new();
    private readonly Queue<Fault> _plan = [];
    private readonly List<FaultConnection> _connections = [];
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The fault of connections for which no other is planned.</summary>
    /// <value><see cref="Fault.None"/> by default.</value>
    public Fault Otherwise { get; set; } = Fault.None;

    /// <summary>The requests so far, in their order: a copy.</summary>
    public IReadOnlyList<FaultConnection> Connections
    {
        get
        {
            lock (_gate) return [.. _connections];
        }
    }

    /// <summary>Plans a fault for the next connections that have none.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="connections">The number of connections. At least 1.</param>
    /// <returns>This handler, so that calls can be chained.</returns>
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
        throw new NotSupportedException("A FaultHandler supports asynchronous requests only. Call SendAsync.");

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

    /// <summary>Sends the twin, and reads its answer until the test cuts it.</summary>
    /// <remarks>The client has its own answer, and does not wait for the twin's.</remarks>
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
            // The test cut the twin, or the server did not answer or stopped. The client must not see any of that.
        }
    }
}
