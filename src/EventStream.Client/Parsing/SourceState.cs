using System.Buffers.Text;

namespace EventStream.Client.Parsing;

/// <summary>What a reading keeps from connection to connection: the position and the reconnection time (HTML, section 9.2.2).</summary>
/// <remarks>The parser of the open connection writes it. The reading reads it before it opens the next connection.</remarks>
internal sealed class SourceState(string lastEventId, TimeSpan reconnectionTime)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly TimeSpan _first = reconnectionTime;

    /// <summary>The position; empty if there is none.</summary>
    public string LastEventId { get; set; } = lastEventId;

    /// <summary>The least wait before the next connection.</summary>
    public TimeSpan ReconnectionTime { get; private set; } = reconnectionTime;

    /// <summary>Takes the value of a <c>retry</c> field, in milliseconds (HTML, section 9.2.6).</summary>
    /// <remarks>
    /// A value with anything but ASCII digits is ignored. An empty value restores the client's own time, and a number of more than 64 bits
    /// is ignored, as in browsers (decision 33).
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
