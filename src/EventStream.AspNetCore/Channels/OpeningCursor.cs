using System.Buffers;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber that waits, with keep-alives, until this node has read enough of the log to open it.</summary>
/// <remarks>From then on it passes every call to the cursor that it has opened.</remarks>
internal sealed class OpeningCursor(
    ChannelOpening opening, EventStreamProtocol protocol, Revocation? since, OpeningList openings) : FrameCursor
{
    // The read that it waits for; null before the first poll.
    private Task? _catchingUp;
    private FrameCursor? _cursor;
    private volatile bool _isInterrupted;
    private volatile EndReason _endReason = EndReason.Finished;

    public override string? CurrentId => _cursor?.CurrentId;

    public override string? LastId => _cursor?.LastId;

    public override int CurrentCount => _cursor?.CurrentCount ?? 0;

    public override EventStreamProtocol Protocol => protocol;

    public override bool IsFinal => _cursor is not null;

    public override string? ChannelName => _cursor?.ChannelName;

    public override IEnumerable<ChannelPolicy> Policies => opening.Policies;

    public override EndReason EndReason => _endReason != EndReason.Finished ? _endReason : _cursor?.EndReason ?? EndReason.Finished;

    public StreamIdentity Stream => opening.Stream;

    public override PollResult Poll(StreamSignal signal)
    {
        if (_cursor is null) Open(signal);

        // After the cursor has joined its channels, so that a revocation finds this cursor in the OpeningList, or that one in a channel.
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

    /// <summary>Ends the stream so that its client reconnects. Any thread may call it.</summary>
    public void End(EndReason reason)
    {
        _endReason = reason;
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
            // Before it joins, so that a revocation finds it while it waits for the log.
            openings.Add(this, signal);
            if (opening.RevokedSince(since) is { } revocation) End(revocation.EndReason);
            since = null;
            _catchingUp = CatchUpAsync();
        }

        // A loop, because a channel may be dropped between the read and the opening.
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

        // By the list, which drops the signal when the stream ends. A continuation with the signal would keep the streams of all clients
        // that have left, as long as the log is unavailable.
        if (!catchingUp.IsCompleted) catchingUp.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => openings.Wake(this));
        return catchingUp;
    }
}
