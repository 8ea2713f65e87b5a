using System.Net;

namespace EventStream.Testing;

/// <summary>A fault of a connection.</summary>
/// <remarks>Immutable. A test may plan one fault for many connections.</remarks>
public sealed record Fault
{
    private Fault()
    {
    }

    /// <summary>No fault, for a sound connection among others.</summary>
    public static Fault None { get; } = new();

    internal long? CutPosition { get; private init; }

    internal bool CutsBetweenCrAndLf { get; private init; }

    internal long? StallPosition { get; private init; }

    internal TimeSpan Lateness { get; private init; }

    internal HttpStatusCode? Status { get; private init; }

    internal TimeSpan? RetryAfter { get; private init; }

    internal bool IsRefused { get; private init; }

    internal bool IsDuplicated { get; private init; }

    internal int ChunkSize { get; private init; } = int.MaxValue;

    /// <summary>Breaks the connection after a number of bytes of the body.</summary>
    /// <remarks>The client gets an <see cref="IOException"/>, as of a real break, and the server sees its client leave.</remarks>
    /// <param name="bytes">How many bytes arrive. 0: only the headers. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    public static Fault CutAfter(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new() { CutPosition = bytes };
    }

    /// <summary>Breaks the connection between the CR and LF of the first line that ends with CRLF.</summary>
    /// <remarks>If all lines end with LF alone, the connection does not break.</remarks>
    /// <returns>The fault.</returns>
    public static Fault CutBetweenCrAndLf() => new() { CutsBetweenCrAndLf = true };

    /// <summary>Holds back the body after a number of bytes, until <see cref="FaultConnection.Release"/>.</summary>
    /// <remarks>The handler still reads the bytes from the server, so the server notices nothing, as behind a proxy that buffers.</remarks>
    /// <param name="bytes">How many bytes arrive before. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    public static Fault StallAfter(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new() { StallPosition = bytes };
    }

    /// <summary>Delays the request on its way to the server.</summary>
    /// <param name="time">How long, by the handler's clock. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is negative.</exception>
    public static Fault Delay(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return new() { Lateness = time };
    }

    /// <summary>Answers with a status and no body, without sending the request to the server.</summary>
    /// <param name="status">The status, such as 204 or 503.</param>
    /// <param name="retryAfter">The header <c>Retry-After</c>; null, the default, for none.</param>
    /// <returns>The fault.</returns>
    public static Fault Answer(HttpStatusCode status, TimeSpan? retryAfter = null) => new() { Status = status, RetryAfter = retryAfter };

    /// <summary>Refuses the connection: the request fails with an <see cref="HttpRequestException"/>.</summary>
    /// <returns>The fault.</returns>
    public static Fault Refuse() => new() { IsRefused = true };

    /// <summary>Sends the request twice, and keeps the second connection open.</summary>
    /// <remarks>
    /// The client gets the first answer. The handler alone reads the second one. So the server has a connection whose client is gone, as
    /// after a break that the server did not see.
    /// <para/>
    /// The handler sends the second request, the twin, when the first answer has arrived, and does not wait for the twin's answer:
    /// <see cref="FaultConnection.Status"/> shows when that has arrived. The twin follows its original in
    /// <see cref="FaultHandler.Connections"/>. It ends with <see cref="FaultConnection.Cut"/> or with the handler, and has no other fault.
    /// </remarks>
    /// <returns>The fault.</returns>
    public static Fault Duplicate() => new() { IsDuplicated = true };

    /// <summary>Delivers the body in pieces of a largest size.</summary>
    /// <param name="bytes">The most bytes of a piece. At least 1.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is less than 1.</exception>
    public static Fault ChunksOf(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new() { ChunkSize = bytes };
    }

    /// <summary>Combines two faults for one connection.</summary>
    /// <remarks>Where both set the same, <paramref name="other"/> wins.</remarks>
    /// <param name="other">The other fault.</param>
    /// <returns>The combined fault.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public Fault And(Fault other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            CutPosition = other.CutPosition ?? CutPosition,
            CutsBetweenCrAndLf = CutsBetweenCrAndLf || other.CutsBetweenCrAndLf,
            StallPosition = other.StallPosition ?? StallPosition,
            Lateness = other.Lateness > TimeSpan.Zero ? other.Lateness : Lateness,
            Status = other.Status ?? Status,
            RetryAfter = other.RetryAfter ?? RetryAfter,
            IsRefused = IsRefused || other.IsRefused,
            IsDuplicated = IsDuplicated || other.IsDuplicated,
            ChunkSize = other.ChunkSize < int.MaxValue ? other.ChunkSize : ChunkSize,
        };
    }
}
