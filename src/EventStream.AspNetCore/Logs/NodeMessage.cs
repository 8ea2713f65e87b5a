using System.Text.Json.Serialization;

namespace EventStream.AspNetCore.Logs;

/// <summary>A message that a node publishes to the other nodes.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="Counts">The number of the node's subscribers by channel.</param>
/// <param name="Epoch">The epoch of the nodes' channel; null if the node has not read the channel yet.</param>
/// <param name="AppliedThrough">The sequence through which the node has read the channel and applied every revocation.</param>
/// <param name="Selector">
/// In a <see cref="Disconnect"/> message, the streams that must end. Null, from a node of another version, means every stream.
/// </param>
/// <param name="Run">In a <see cref="StopRun"/> message, the token of the run; in a <see cref="RunGivenUp"/> message, its channel.</param>
internal sealed record NodeMessage(
    string Node,
    Dictionary<string, int> Counts,
    string? Epoch = null,
    long AppliedThrough = 0,
    EventStreamSelector? Selector = null,
    string? Run = null)
{
    /// <summary>The event of a message with all counts, for nodes that do not know this one.</summary>
    public const string AllCounts = "all-counts";

    /// <summary>The event of a message with the changed counts. A heartbeat has none.</summary>
    public const string ChangedCounts = "changed-counts";

    /// <summary>The event of a message that selects streams, which must end.</summary>
    public const string Disconnect = "disconnect";

    /// <summary>The event of a message that tells the owner of a run to stop it.</summary>
    public const string StopRun = "stop-run";

    /// <summary>The event of a message that tells the other nodes to take over a run.</summary>
    public const string RunGivenUp = "run-given-up";

    /// <summary>The event of the last message of a node that stops.</summary>
    public const string Leaving = "leaving";
}

/// <summary>The JSON contract of <see cref="NodeMessage"/>. Fields, because the claim of a selector is a tuple.</summary>
[JsonSourceGenerationOptions(IncludeFields = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeMessage))]
internal sealed partial class NodeMessageContext : JsonSerializerContext;
