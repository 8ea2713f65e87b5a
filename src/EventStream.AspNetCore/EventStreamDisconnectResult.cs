namespace EventStream.AspNetCore;

/// <summary>The result of <c>DisconnectAsync</c> of the hub on the other nodes.</summary>
/// <param name="UnconfirmedNodes">
/// The nodes that did not confirm within <see cref="EventStreamLogOptions.DisconnectTimeout"/> that the streams have ended. Each name is
/// machine, process id and a random part. Empty: all have confirmed, or there is no other node.
/// </param>
public sealed record EventStreamDisconnectResult(IReadOnlyList<string> UnconfirmedNodes)
{
    internal static EventStreamDisconnectResult Confirmed { get; } = new([]);

    /// <summary>Whether all nodes have confirmed that the streams have ended.</summary>
    public bool IsConfirmed => UnconfirmedNodes.Count == 0;
}
