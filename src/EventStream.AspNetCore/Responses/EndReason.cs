namespace EventStream.AspNetCore.Responses;

/// <summary>The reason why a stream ended, which is also the value of a metric's tag.</summary>
internal enum EndReason : byte
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

    /// <summary>The app ended it by a selector. The client must reconnect, so that it is authorized again.</summary>
    Disconnected,

    /// <summary>This node may have missed a selector that the app has used, so the stream may be one of those that it selects.</summary>
    /// <remarks>The client must reconnect, so that it is authorized again.</remarks>
    RevocationMissed,

    /// <summary>A channel has another history than the client knows. The client must reconnect, so that its position is checked.</summary>
    HistoryReplaced,

    /// <summary>The source failed, or a message could not be written.</summary>
    Faulted,
}
