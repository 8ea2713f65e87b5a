using System.Buffers.Text;

namespace EventStream.Client.Parsing;

/// <summary>What a source keeps over its connections: the last event ID string and the reconnection time (HTML, section 9.2.2).</summary>
/// <remarks>Written by the parser of the connection that is open, read by whoever opens the next.</remarks>
internal sealed class SourceState(string lastEventId, TimeSpan reconnectionTime)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly TimeSpan _first = reconnectionTime;

    /// <summary>The position; empty if there is none.</summary>
    public string LastEventId { get; set; } = lastEventId;

    /// <summary>The least wait before the next connection.</summary>
    public TimeSpan ReconnectionTime { get; private set; } = reconnectionTime;

    /// <summary>
    /// Takes the value of a <c>retry</c> field: ASCII digits alone, in milliseconds; everything else is ignored (HTML, section 9.2.6).
    /// </summary>
    /// <remarks>
    /// Without a digit it takes the server's time back, and more than 64 bits are ignored, as browsers have it (decision 33).
    /// </remarks>
    public void TakeRetry(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            ReconnectionTime = _first;
        }
        else if (!value.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(value, out ulong milliseconds, out _))
        {
            ReconnectionTime = milliseconds < int.MaxValue ? TimeSpan.FromMilliseconds(milliseconds) : Longest;
        }
    }
}
