using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace EventStream.Client.Reading;

/// <summary>Decides whether an exception of a handler or of the app ends the reading or only the attempt.</summary>
/// <remarks>
/// Handlers throw their own exceptions: timeouts, open circuits, rate limits, a service that has no address yet. Another attempt may
/// succeed after nearly all of them, so the lists here name the few that end the reading. They are in docs/reference/client.md, "What ends
/// the loop at once".
/// </remarks>
internal static class StreamFailure
{
    /// <summary>The attempt's error after an exception of the app's <c>Content</c> or <c>PrepareRequest</c>.</summary>
    /// <exception cref="Exception">The exception means a mistake or a denied access, and ends the reading.</exception>
    public static Exception OfPreparing(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(error, IsOfTheRuntime(error) || IsLasting(error), "before the request was sent", calls, cancellationToken);

    /// <summary>The attempt's error after an exception in place of an answer.</summary>
    /// <exception cref="Exception">Another attempt would fail too.</exception>
    public static Exception OfAsking(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(
            error,
            IsLasting(error) || error is NotSupportedException or ObjectDisposedException,
            "before it was answered",
            calls,
            cancellationToken);

    /// <summary>The attempt's error after an exception while the body was read.</summary>
    /// <remarks>It never ends the reading: the next attempt shows whether the fault lasts.</remarks>
    public static Exception OfReading(Exception error, ForeignCalls calls, CancellationToken cancellationToken) =>
        Of(error, isLasting: false, "while its body was read", calls, cancellationToken);

    /// <summary>The error of a body that ended cleanly, but inside an event.</summary>
    /// <remarks>Such a stream was cut: servers and proxies end a body cleanly even if what they forward broke off.</remarks>
    public static Exception EndInsideAnEvent() => new HttpIOException(
        HttpRequestError.ResponseEnded,
        "The response ended inside an event: its last line, or the blank line after the event, is missing.");

    private static Exception Of(Exception error, bool isLasting, string when, ForeignCalls calls, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (calls.HasExpired)
        {
            return new TimeoutException(
                $"The server sent nothing for {calls.IdleTimeout} ({nameof(EventStreamClientOptions.IdleTimeout)}).", error);
        }

        if (isLasting) ExceptionDispatchInfo.Throw(error);
        return error switch
        {
            // HttpClient.Timeout, not a cancellation by the app.
            TaskCanceledException { InnerException: TimeoutException } => new TimeoutException(error.Message, error),
            OperationCanceledException => new IOException(
                $"A handler or the HttpClient cancelled the request {when}. The reading's own token was not cancelled.", error),
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

    // The runtime's own exceptions mean a mistake in the code, or a denied access. Those of libraries derive from Exception.
    private static bool IsOfTheRuntime(Exception error) =>
        error is SystemException and not (IOException or TimeoutException or OperationCanceledException or ExternalException);
}
