namespace ScaleOut.Orders;

/// <summary>An order, and the node that took it.</summary>
internal sealed class Order
{
    public long Id { get; init; }

    public required string Item { get; init; }

    public required string Node { get; init; }
}
