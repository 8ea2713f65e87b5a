using System.Net;

namespace EventStream.Testing;

/// <summary>What goes wrong with one connection. Immutable; it may be planned for many.</summary>
public sealed record Fault
{
    private Fault()
    {
    }

    /// <summary>Nothing goes wrong: for a sound connection among others.</summary>
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

    /// <summary>
    /// The connection breaks after so many bytes of the body: the reader gets an <see cref="IOException"/> as of a real break, and the
    /// server sees its client leave.
    /// </summary>
    /// <param name="bytes">How many bytes come. 0: only the headers. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    public static Fault CutAfter(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new() { CutPosition = bytes };
    }

    /// <summary>The connection breaks after the first CR that an LF follows; where lines end in LF alone, never.</summary>
    /// <returns>The fault.</returns>
    public static Fault CutBetweenCrAndLf() => new() { CutsBetweenCrAndLf = true };

    /// <summary>
    /// After so many bytes of the body no more comes, until <see cref="FaultConnection.Release"/>. The bytes are still taken from the
    /// server, which feels nothing, as behind a proxy that buffers.
    /// </summary>
    /// <param name="bytes">How many bytes come before. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    public static Fault StallAfter(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new() { StallPosition = bytes };
    }

    /// <summary>The request reaches the server only after a while.</summary>
    /// <param name="time">How long, on the handler's clock. Not negative.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is negative.</exception>
    public static Fault Delay(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return new() { Lateness = time };
    }

    /// <summary>The server is not asked; the answer has this status and no body.</summary>
    /// <param name="status">The status, such as 204 or 503.</param>
    /// <param name="retryAfter">The header <c>Retry-After</c>. <value>Null: none.</value></param>
    /// <returns>The fault.</returns>
    public static Fault Answer(HttpStatusCode status, TimeSpan? retryAfter = null) => new() { Status = status, RetryAfter = retryAfter };

    /// <summary>Nobody listens: the request fails with an <see cref="HttpRequestException"/>.</summary>
    /// <returns>The fault.</returns>
    public static Fault Refuse() => new() { IsRefused = true };

    /// <summary>
    /// The request is sent twice. The reader gets the first answer; the second is read by nobody but the handler and stays open, so that
    /// the server has a connection whose client is long gone, as after a break that it did not see.
    /// </summary>
    /// <remarks>
    /// The twin is sent when the first answer is there, and nobody waits for its own: <see cref="FaultConnection.Status"/> says when it has
    /// come. It stands in
    /// <see cref="FaultHandler.Connections"/> after its original, ends with <see cref="FaultConnection.Cut"/> or with the handler, and
    /// shares no other fault.
    /// </remarks>
    /// <returns>The fault.</returns>
    public static Fault Duplicate() => new() { IsDuplicated = true };

    /// <summary>The body is read in pieces of at most so many bytes.</summary>
    /// <param name="bytes">How many. At least 1.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is less than 1.</exception>
    public static Fault ChunksOf(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new() { ChunkSize = bytes };
    }

    /// <summary>Both faults on one connection. Where both say the same of it, the other's word holds.</summary>
    /// <param name="other">The other fault.</param>
    /// <returns>The two as one.</returns>
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
