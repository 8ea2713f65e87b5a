using System.Globalization;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>A reconnection time in milliseconds, or the bounds between which it was seen.</summary>
internal readonly record struct Wait(ulong AtLeast, ulong AtMost)
{
    /// <summary>Chromium's and the client's own.</summary>
    public const ulong Default = 3000;

    public static Wait Of(ulong milliseconds) => new(milliseconds, milliseconds);

    public bool Contains(Wait other) => AtLeast <= other.AtLeast && other.AtMost <= AtMost;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(AtLeast == AtMost ? $"{AtLeast}" : $"between {AtLeast} and {AtMost}")} ms");
}
