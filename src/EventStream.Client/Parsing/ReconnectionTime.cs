using System.Buffers.Text;

namespace EventStream.Client.Parsing;

/// <summary>The value of a <c>retry</c> field: ASCII digits alone, in milliseconds. Everything else is ignored (HTML, section 9.2.6).</summary>
/// <remarks>Without a digit it takes the server's time back, and more than 64 bits are ignored, as browsers have it (decision 33).</remarks>
internal static class ReconnectionTime
{
    /// <summary>Stands for the time that holds while the server has set none.</summary>
    public static readonly TimeSpan Unset = Timeout.InfiniteTimeSpan;

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    public static TimeSpan? Parse(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return Unset;
        if (value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(value, out ulong milliseconds, out _)) return null;
        return milliseconds < int.MaxValue ? TimeSpan.FromMilliseconds(milliseconds) : Longest;
    }
}
