namespace EventStream.AspNetCore;

/// <summary>Why a client may not read its stream any more, for <see cref="EventStreamProtocol.Unauthorized"/>.</summary>
public enum EventStreamUnauthorizedReason
{
    /// <summary>The authentication of the request that opened the stream has expired.</summary>
    /// <remarks>See <see cref="EventStreamOptions.CloseOnAuthenticationExpiration"/>.</remarks>
    Expired,

    /// <summary>A check of the stream's rights has refused the user, or has failed for too long.</summary>
    /// <remarks>See <see cref="EventStreamOptions.ReauthorizationInterval"/>.</remarks>
    Refused,

    /// <summary>The app has ended the user's streams with <c>DisconnectAsync</c>.</summary>
    Disconnected,
}
