namespace EventStream.AspNetCore;

/// <summary>Which streams <see cref="EventStreamHub.DisconnectAsync(EventStreamSelector, CancellationToken)"/> ends.</summary>
/// <remarks>
/// <para>
/// A stream is selected if it has every value that is set; set at least one. Values are compared by ordinal.
/// <c>new EventStreamSelector { User = "42", Channel = "news" }</c> selects the streams of one user that read one channel.
/// </para>
/// <para>
/// A loop of <c>ReadAsync</c> has its channel and the user of its subscription, and no claims and no connection.
/// A loop without a user is never selected, because it acts for the app, and not for a client.
/// </para>
/// <para>Immutable, and safe from any thread.</para>
/// </remarks>
public sealed record EventStreamSelector
{
    /// <summary>The user of the streams.</summary>
    /// <remarks>
    /// The user of a stream is <see cref="EventStreamSubscription.User"/>. If the subscription sets none, and for a stream that reads no
    /// channel, it is the request's claim <c>NameIdentifier</c>, or else its claim <c>sub</c>.
    /// </remarks>
    /// <value>Null by default: streams of all users, and streams without one.</value>
    public string? User { get; init; }

    /// <summary>The name of a channel that the streams read; not a pattern.</summary>
    /// <remarks>A stream of several channels ends with all of them. Its client reconnects, and is authorized again for each.</remarks>
    /// <value>Null by default: streams of all channels, and streams that read none.</value>
    public string? Channel { get; init; }

    /// <summary>The id of the streams' connection (<see cref="ConnectionInfo.Id"/>).</summary>
    /// <remarks>
    /// <see cref="EventStreamChannel.Subscribers"/> has the ids of a channel's subscribers on its node. With HTTP/2 and HTTP/3 several
    /// streams share a connection, and all of them are selected. The connection itself stays open.
    /// </remarks>
    /// <value>Null by default: streams of all connections.</value>
    public string? ConnectionId { get; init; }

    /// <summary>The type and the value of a claim of the streams' requests.</summary>
    /// <remarks>
    /// With a claim for each session, a logout ends the streams of its device alone: <c>Claim = ("sid", sessionId)</c>. The type is that
    /// which the app sees in <see cref="HttpContext.User"/>, compared without regard to case, as
    /// <see cref="System.Security.Claims.ClaimsPrincipal.HasClaim(string, string)"/> does. Claims that only
    /// <see cref="EventStreamOptions.OnReauthorize"/> has supplied are not matched.
    /// </remarks>
    /// <value>Null by default: streams with any claims, and streams without claims.</value>
    public (string Type, string Value)? Claim { get; init; }

    /// <summary>Throws if nothing is set, or if something is set to an empty text.</summary>
    internal void Check(string parameter)
    {
        if (this == new EventStreamSelector())
        {
            throw new ArgumentException(
                $"The selector is empty, and would end every stream. Set {nameof(User)}, {nameof(Channel)}, {nameof(ConnectionId)} "
                + $"or {nameof(Claim)}.",
                parameter);
        }

        RefuseEmpty(nameof(User), User is "");
        RefuseEmpty(nameof(Channel), Channel is "");
        RefuseEmpty(nameof(ConnectionId), ConnectionId is "");
        RefuseEmpty(nameof(Claim), Claim is { } claim && (string.IsNullOrEmpty(claim.Type) || string.IsNullOrEmpty(claim.Value)));

        void RefuseEmpty(string property, bool isEmpty)
        {
            if (!isEmpty) return;
            throw new ArgumentException($"The selector's {property} has an empty text. Set a text, or leave it null.", parameter);
        }
    }
}
