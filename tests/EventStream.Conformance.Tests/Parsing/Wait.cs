using System.Globalization;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>A reconnection time in milliseconds, or the bounds between which it was seen.</summary>
internal readonly record struct Wait(ulong AtLeast, ulong AtMost)
{
    /// <summary>Chromium's and the client's own.</summary>
    public const ulong Default = 3000;

    // The client and the module wait 100 ms at the least, add a half at the most, and count no further than this.
    private const double LeastDelay = 100, Jitter = 1.5, LongestDelay = 24 * 60 * 60 * 1000;

    public static Wait Of(ulong milliseconds) => new(milliseconds, milliseconds);

    /// <summary>The bounds of the reconnection time of a reader that waits for <paramref name="delay"/>, in milliseconds.</summary>
    public static Wait OfDelay(double delay) => new(
        delay <= LeastDelay * Jitter ? 0 : (ulong)Math.Floor(delay / Jitter),
        delay >= LongestDelay ? ulong.MaxValue : (ulong)Math.Ceiling(delay));

    public bool Contains(Wait other) => AtLeast <= other.AtLeast && other.AtMost <= AtMost;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(AtLeast == AtMost ? $"{AtLeast}" : $"between {AtLeast} and {AtMost}")} ms");
}
