namespace ScaleOut.Numbers;

/// <summary>A number, and the node that published it.</summary>
internal sealed record Number(long Value, string Node);
