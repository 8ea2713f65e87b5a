using System.Buffers.Text;

namespace EventStream.Client.Parsing;

/// <summary>The value of a <c>retry</c> field: ASCII digits alone, in milliseconds. Everything else is ignored (HTML, section 9.2.6).</summary>
internal static class ReconnectionTime
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    public static TimeSpan? Parse(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;
        return Utf8Parser.TryParse(value, out int milliseconds, out _) ? TimeSpan.FromMilliseconds(milliseconds) : Longest;
    }
}
