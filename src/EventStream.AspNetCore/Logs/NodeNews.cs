using System.Text.Json.Serialization;

namespace EventStream.AspNetCore.Logs;

/// <summary>What a node tells the others.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Counts">Channels, and how many subscribers they have on it; or users.</param>
internal sealed record NodeNews(string Node, Dictionary<string, int> Counts);

/// <summary>Its JSON.</summary>
[JsonSerializable(typeof(NodeNews))]
internal sealed partial class NodeNewsContext : JsonSerializerContext;
