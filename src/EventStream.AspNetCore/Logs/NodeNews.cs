using System.Text.Json.Serialization;

namespace EventStream.AspNetCore.Logs;

/// <summary>What a node tells the others.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Counts">Channels, and how many subscribers they have on it; or users.</param>
/// <param name="Epoch">The epoch of the nodes' channel; null: the node has not read the channel yet.</param>
/// <param name="Heard">The sequence up to which the node has read the channel, and applied every revocation.</param>
internal sealed record NodeNews(string Node, Dictionary<string, int> Counts, string? Epoch = null, long Heard = 0)
{
    /// <summary>The event of a message with all counts, because another node does not know this one.</summary>
    public const string All = "all";

    /// <summary>The event of a message with the counts that have changed, or with none, as a sign of life.</summary>
    public const string Some = "some";

    /// <summary>The event of a message that names users whose streams are to end.</summary>
    public const string Disconnect = "disconnect";

    /// <summary>The event of the last message of a node.</summary>
    public const string Bye = "bye";
}

/// <summary>Its JSON.</summary>
[JsonSerializable(typeof(NodeNews))]
internal sealed partial class NodeNewsContext : JsonSerializerContext;
