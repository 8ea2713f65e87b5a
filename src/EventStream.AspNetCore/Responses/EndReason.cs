namespace EventStream.AspNetCore.Responses;

/// <summary>Why a stream ended: a closed set, and the values of a metric's tag.</summary>
internal enum EndReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The source came to its end.</summary>
    Finished,

    /// <summary>The client closed the connection, or the network did.</summary>
    ClientLeft,

    /// <summary>The host is stopping.</summary>
    HostStopped,

    /// <summary>The stream reached <see cref="EventStreamOptions.MaxLifetime"/>.</summary>
    LifetimeReached,

    /// <summary>The authentication of the request that opened it expired.</summary>
    AuthenticationExpired,

    /// <summary>The client stopped reading for <see cref="EventStreamOptions.WriteTimeout"/>.</summary>
    ReaderStalled,

    /// <summary>
    /// The app ended the user's streams, or the history of a channel is not what the client knows: it is to come back, and to be asked
    /// again who it is, and where.
    /// </summary>
    Disconnected,

    /// <summary>The source failed, or a message could not be written.</summary>
    Faulted,
}
