namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>How a server's connections send.</summary>
public enum Output
{
    /// <summary>By Kestrel's own pipe and send loop, with which the others are compared.</summary>
    Kestrel,

    /// <summary>By <c>UseDirectOutput</c>.</summary>
    Direct,

    /// <summary>By <c>UseIoUring</c>.</summary>
    IoUring,
}
