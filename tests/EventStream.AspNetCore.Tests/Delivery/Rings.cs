using EventStream.AspNetCore.Delivery;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Whether this system has io_uring. Containers often forbid it.</summary>
public static class Rings
{
    public const string Needed = "The kernel or the container allows no io_uring here.";

    public static bool AreAllowed { get; } = TryOne();

    private static bool TryOne()
    {
        using var ring = SendRing.TryCreate(1, out _);
        return ring is not null;
    }
}
