namespace Chat.Nodes;

/// <summary>This node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsAlone">Whether it is the only one.</param>
internal sealed record Node(string Name, bool IsAlone);
