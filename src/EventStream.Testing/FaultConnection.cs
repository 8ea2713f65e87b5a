using System.Net;
using EventStream.Testing.Faults;

namespace EventStream.Testing;

/// <summary>A request that a <see cref="FaultHandler"/> has seen, and its connection, which a test can break or stall.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class FaultConnection
{
    internal FaultConnection(HttpRequestMessage request, DateTimeOffset at, Fault fault, bool isDuplicate)
    {
        Method = request.Method;
        Url = request.RequestUri!;
        LastEventId = request.Headers.NonValidated.TryGetValues("Last-Event-ID", out var ids) ? ids.ToString() : null;
        At = at;
        IsDuplicate = isDuplicate;
        Gate = new(fault);
    }

    /// <summary>The request's method.</summary>
    public HttpMethod Method { get; }

    /// <summary>The request's address.</summary>
    public Uri Url { get; }

    /// <summary>The request's <c>Last-Event-ID</c>; null if it sent none.</summary>
    public string? LastEventId { get; }

    /// <summary>When the request was sent, by the handler's clock.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether this is the twin that <see cref="Fault.Duplicate"/> sent.</summary>
    public bool IsDuplicate { get; }

    /// <summary>The answer's status; null until the answer has arrived.</summary>
    public HttpStatusCode? Status { get; internal set; }

    internal FlowGate Gate { get; }

    /// <summary>Breaks the connection now.</summary>
    /// <remarks>The client gets an <see cref="IOException"/>, and the server sees its client leave. Further calls have no effect.</remarks>
    public void Cut() => Gate.Cut();

    /// <summary>Holds back all bytes from now on, until <see cref="Release"/>.</summary>
    /// <remarks>The handler still reads the bytes from the server, so the server notices nothing.</remarks>
    public void Stall() => Gate.Stall();

    /// <summary>Stops reading from the server, until <see cref="Release"/>.</summary>
    /// <remarks>The buffers between server and client fill up. Then the server's writes block.</remarks>
    public void StopReading() => Gate.StopReading();

    /// <summary>Ends <see cref="Stall"/>, <see cref="StopReading"/> or <see cref="Fault.StallAfter"/>.</summary>
    /// <remarks>The bytes that were held back arrive at once.</remarks>
    public void Release() => Gate.Release();
}
