using System.Buffers;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// A subscriber that waits, with its keep-alives, until this node has read from the log what it needs to know; then it is the cursor that
/// it opens.
/// </summary>
internal sealed class OpeningCursor(
    ChannelOpening opening, EventStreamProtocol protocol, Revocation? since, OpeningList openings) : FrameCursor
{
    // The read that is waited for; null before the first poll.
    private Task? _catchingUp;
    private FrameCursor? _cursor;
    private volatile bool _isInterrupted;
    private volatile bool _isDisconnected;

    public override string? CurrentId => _cursor?.CurrentId;

    public override string? LastId => _cursor?.LastId;

    public override int CurrentCount => _cursor?.CurrentCount ?? 0;

    public override EventStreamProtocol Protocol => protocol;

    public override bool IsFinal => _cursor is not null;

    public override string? ChannelName => _cursor?.ChannelName;

    public override EndReason EndReason => _isDisconnected ? EndReason.Disconnected : _cursor?.EndReason ?? EndReason.Finished;

    public string? User => opening.User;

    public override PollResult Poll(StreamSignal signal)
    {
        if (_cursor is null) Open(signal);

        // Looked at after the cursor has joined its channels: a revocation finds this one in the hub's list, or the cursor in a channel's.
        if (_isInterrupted) return PollResult.Ended;
        return _cursor?.Poll(signal) ?? PollResult.Pending;
    }

    public override int WriteCurrent(IBufferWriter<byte> output) => _cursor!.WriteCurrent(output);

    public override int SkipCurrent(IBufferWriter<byte> output) => _cursor!.SkipCurrent(output);

    /// <summary>Ends the stream. Any thread may call it.</summary>
    public override void Interrupt()
    {
        _isInterrupted = true;
        openings.Wake(this);
    }

    /// <summary>Ends the stream, whose client is to come back. Any thread may call it.</summary>
    public void Disconnect()
    {
        _isDisconnected = true;
        Interrupt();
    }

    public override ValueTask DisposeAsync()
    {
        openings.Remove(this);
        if (_cursor is not null) return _cursor.DisposeAsync();
        opening.Abandon();
        return default;
    }

    private void Open(StreamSignal signal)
    {
        if (_catchingUp is null)
        {
            // Registered before it subscribes, so that a revocation finds it while it waits for the log.
            openings.Add(this, signal);
            if (opening.IsRevokedSince(since)) Disconnect();
            since = null;
            _catchingUp = CatchUpAsync();
        }

        // Again where one of the channels was dropped in between.
        while (_cursor is null && !_isInterrupted && _catchingUp.IsCompleted)
        {
            _catchingUp.GetAwaiter().GetResult();
            _cursor = opening.TryOpen(since: null, hasCaughtUp: true);
            if (_cursor is null) _catchingUp = CatchUpAsync();
        }
    }

    private Task CatchUpAsync()
    {
        var catchingUp = opening.CatchUpAsync();

        // By the list, which has the signal only while this waits: an unavailable log would keep the streams of all that have left.
        if (!catchingUp.IsCompleted) catchingUp.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => openings.Wake(this));
        return catchingUp;
    }
}
