using System.Buffers;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>A plain source of a named user's stream, whose next message is held while the node has no lease.</summary>
/// <remarks>It does steps 4 and 5 of <see cref="NodeLease"/>. The source is not asked for the message after a held one.</remarks>
internal sealed class LeasedCursor : FrameCursor
{
    private readonly FrameCursor _source;
    private readonly StreamSignal _signal;
    private DeliveryPermit _permit;

    // Whether the source has a message that was not passed on. Owned by the loop.
    private bool _hasMessage;
    private volatile bool _isInterrupted;
    private bool _hasLeft;

    /// <param name="source">The source's own cursor.</param>
    /// <param name="lease">The node's lease.</param>
    /// <param name="signal">The signal of the stream's loop.</param>
    public LeasedCursor(FrameCursor source, NodeLease lease, StreamSignal signal)
    {
        (_source, _signal, _permit) = (source, signal, new(lease));
        _permit.Join();
    }

    public override string? CurrentId => _source.CurrentId;

    public override int CurrentCount => _source.CurrentCount;

    public override string? LastId => _source.LastId;

    public override EventStreamProtocol Protocol => _source.Protocol;

    public override bool IsFinal => _source.IsFinal;

    public override string? ChannelName => _source.ChannelName;

    public override EndReason EndReason => _source.EndReason;

    public override PollResult Poll(StreamSignal signal)
    {
        if (!_hasMessage)
        {
            var polled = _source.Poll(signal);
            if (polled != PollResult.Ready) return polled;
            _hasMessage = true;
        }

        while (!_permit.MayDeliver())
        {
            if (!_permit.Holds()) continue;

            // A stream that must end does not wait for the lease, and its client does not get the message.
            return _isInterrupted ? PollResult.Ended : PollResult.Pending;
        }

        _hasMessage = false;
        return PollResult.Ready;
    }

    public override int WriteCurrent(IBufferWriter<byte> output) => _source.WriteCurrent(output);

    public override int SkipCurrent(IBufferWriter<byte> output) => _source.SkipCurrent(output);

    /// <summary>Wakes the loop if it holds a message, after the lease was renewed. Any thread may call it.</summary>
    public void WakeIfHeld()
    {
        if (_permit.IsHeld) _signal.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Ends the wait for the lease. Any thread may call it.</summary>
    public override void Interrupt()
    {
        _source.Interrupt();

        // Set before the signal: the poll that the signal causes sees it.
        _isInterrupted = true;
        _signal.Set(StreamWake.Source, inline: false);
    }

    /// <summary>Gives up the lease, because the stream ends. The loop calls it, also if it abandons the source.</summary>
    public void Leave()
    {
        if (_hasLeft) return;
        _hasLeft = true;
        _permit.Leave();
    }

    public override ValueTask DisposeAsync()
    {
        Leave();
        return _source.DisposeAsync();
    }
}
