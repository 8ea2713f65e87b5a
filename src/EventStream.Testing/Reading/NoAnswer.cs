namespace EventStream.Testing.Reading;

/// <summary>What an exception instead of an answer means for a stream that reconnects.</summary>
internal static class NoAnswer
{
    /// <summary>Whether another attempt is of no use, so that the test sees the exception.</summary>
    /// <remarks>
    /// A <c>TestServer</c> passes on what the app has thrown. Nothing tells that from what a handler throws, so the type decides. One of
    /// the runtime itself tells of a mistake. Libraries have types of their own, such as Polly for a request that it rejects.
    /// </remarks>
    public static bool IsFinal(Exception fault) => fault switch
    {
        IOException or TimeoutException or OperationCanceledException => false,
        HttpRequestException
        {
            HttpRequestError:
                HttpRequestError.UserAuthenticationError
                or HttpRequestError.VersionNegotiationError
                or HttpRequestError.ConfigurationLimitExceeded,
        } => true,
        _ => fault.GetType().Assembly == typeof(object).Assembly,
    };
}
