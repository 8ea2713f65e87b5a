namespace ScaleOut.Nodes;

/// <summary>This node.</summary>
internal sealed record Node(string Name);
