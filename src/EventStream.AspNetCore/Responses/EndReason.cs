namespace EventStream.AspNetCore.Responses;

/// <summary>The reason why a stream ended, which is also the value of a metric's tag.</summary>
internal enum EndReason
{
    /// <summary>The stream has not ended.</summary>
    None,

    /// <summary>The source has ended.</summary>
    Finished,

    /// <summary>The client closed the connection, or the network did.</summary>
    ClientLeft,

    /// <summary>The host is stopping.</summary>
    HostStopped,

    /// <summary>The stream reached <see cref="EventStreamOptions.MaxLifetime"/>.</summary>
    LifetimeReached,

    /// <summary>The authentication of the request that opened it expired.</summary>
    AuthenticationExpired,

    /// <summary>A check of the stream's rights has refused the user, or has failed for too long.</summary>
    AuthorizationRefused,

    /// <summary>The client stopped reading for <see cref="EventStreamOptions.WriteTimeout"/>.</summary>
    ReaderStalled,

    /// <summary>The app ended it by a selector, or a channel has another history than the client knows.</summary>
    /// <remarks>The client must reconnect, so that it is authorized again and its position is checked again.</remarks>
    Disconnected,

    /// <summary>The source failed, or a message could not be written.</summary>
    Faulted,
}
