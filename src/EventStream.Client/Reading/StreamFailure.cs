using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace EventStream.Client.Reading;

/// <summary>
/// What an exception of code that is not ours means: nearly always that the attempt has failed, and the next one may do better.
/// </summary>
/// <remarks>
/// Handlers throw exceptions of their own: timeouts, open circuits, rate limits, a service that has no address yet. So the lists here name
/// what ends the reading, not what passes. They are in docs/reference/client.md, "What ends the loop at once".
/// </remarks>
internal static class StreamFailure
{
    /// <summary>
    /// What <see cref="EventStreamClientOptions.Content"/> or <see cref="EventStreamClientOptions.PrepareRequest"/> has thrown, as the
    /// attempt's error.
    /// </summary>
    /// <exception cref="Exception">Of the caller's own code, a mistake or a denied access ends the reading.</exception>
    public static Exception OfPreparing(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(error, IsOfTheRuntime(error) || IsLasting(error), "before the request was sent", calls, cancellationToken);

    /// <summary>What came instead of an answer, as the attempt's error.</summary>
    /// <exception cref="Exception">No other attempt would mend it.</exception>
    public static Exception OfAsking(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(
            error,
            IsLasting(error) || error is NotSupportedException or ObjectDisposedException,
            "before it was answered",
            calls,
            cancellationToken);

    /// <summary>What broke the body, as the attempt's error: the next attempt finds out whether it lasts.</summary>
    public static Exception OfReading(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(error, isLasting: false, "while its body was read", calls, cancellationToken);

    /// <summary>The error of a body that ended properly, but inside an event.</summary>
    /// <remarks>It was cut all the same: servers and proxies end what they forward as if it were whole.</remarks>
    public static Exception EndInsideAnEvent() => new HttpIOException(
        HttpRequestError.ResponseEnded,
        "The response ended inside an event: its last line, or the blank line after the event, is missing.");

    private static Exception Of(Exception error, bool isLasting, string when, ForeignCalls calls, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (calls.HasExpired)
        {
            return new TimeoutException($"Not a byte came within {calls.IdleTimeout}: the connection is taken for dead.", error);
        }

        if (isLasting) ExceptionDispatchInfo.Throw(error);
        return error switch
        {
            // HttpClient.Timeout. The reader has not cancelled, so no cancellation is thrown.
            TaskCanceledException { InnerException: TimeoutException } => new TimeoutException(error.Message, error),
            OperationCanceledException => new IOException(
                $"The request was cancelled {when}, but not by the reader: by a handler, or by the HttpClient.", error),
            _ => error,
        };
    }

    private static bool IsLasting(Exception error) => error is EventStreamClientException or HttpRequestException
    {
        HttpRequestError:
            HttpRequestError.UserAuthenticationError
            or HttpRequestError.VersionNegotiationError
            or HttpRequestError.ConfigurationLimitExceeded,
    };

    // The runtime's own exceptions tell of a mistake in the code, or of a denied access; those of libraries derive from Exception.
    private static bool IsOfTheRuntime(Exception error) =>
        error is SystemException and not (IOException or TimeoutException or OperationCanceledException or ExternalException);
}
