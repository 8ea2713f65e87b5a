using System.Net;
using EventStream.Testing.Faults;

namespace EventStream.Testing;

/// <summary>One request that a <see cref="FaultHandler"/> saw, and what a test can still do to its connection. Any thread.</summary>
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

    /// <summary>When the request came, by the handler's clock.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether this is the twin that <see cref="Fault.Duplicate"/> sent.</summary>
    public bool IsDuplicate { get; }

    /// <summary>The answer's status; null as long as there is none.</summary>
    public HttpStatusCode? Status { get; internal set; }

    internal FlowGate Gate { get; }

    /// <summary>
    /// Breaks the connection now: the reader gets an <see cref="IOException"/>, and the server sees its client leave. Once is enough.
    /// </summary>
    public void Cut() => Gate.Cut();

    /// <summary>
    /// From now on no byte reaches the reader, until <see cref="Release"/>. They are still taken from the server, which feels nothing.
    /// </summary>
    public void Stall() => Gate.Stall();

    /// <summary>
    /// From now on nothing is read, until <see cref="Release"/>: the buffers on the way fill up, and then the server feels it.
    /// </summary>
    public void StopReading() => Gate.StopReading();

    /// <summary>
    /// Ends what <see cref="Stall"/>, <see cref="StopReading"/> or <see cref="Fault.StallAfter"/> holds back; what was held comes at once.
    /// </summary>
    public void Release() => Gate.Release();
}
