using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace EventStream.Client.Reading;

/// <summary>Which exceptions mean that a connection is broken, so that another may do better.</summary>
internal static class StreamFailure
{
    /// <summary>What broke the connection; throws what no other attempt would mend, and an <see cref="OperationCanceledException"/> if the reader has cancelled.</summary>
    public static Exception Of(Exception error, IdleWatch watch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (watch.HasExpired) return new TimeoutException($"Not a byte came within {watch.Most}: the connection is taken for dead.", error);
        if (!IsPassing(error)) ExceptionDispatchInfo.Throw(error);
        return error;
    }

    private static bool IsPassing(Exception error) => error switch
    {
        HttpRequestException request => request.HttpRequestError
            is not (HttpRequestError.UserAuthenticationError or HttpRequestError.VersionNegotiationError or HttpRequestError.ConfigurationLimitExceeded),
        // HttpClient.Timeout.
        TaskCanceledException cancelled => cancelled.InnerException is TimeoutException,
        // A connection that is reset while it is made comes out of HttpClient as the socket's own exception.
        _ => error is IOException or TimeoutException or SocketException,
    };
}
