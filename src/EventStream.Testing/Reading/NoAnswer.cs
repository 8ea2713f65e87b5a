namespace EventStream.Testing.Reading;

/// <summary>Decides whether a stream that reconnects tries again after an exception in place of an answer.</summary>
internal static class NoAnswer
{
    /// <summary>Whether another attempt would fail too, so that the test must see the exception.</summary>
    /// <remarks>
    /// A <c>TestServer</c> throws the app's exception, which looks like one of a handler, so the type decides. An exception type of the
    /// runtime means a mistake. Libraries have their own types, for example Polly for a request that it rejects.
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
