using System.Buffers;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber that waits, with its keep-alives, until this node has read from the log what it needs to know; then it is the cursor that it opens.</summary>
internal sealed class OpeningCursor(ChannelOpening opening, Revocation? since, OpeningList openings) : FrameCursor
{
    private readonly TaskCompletionSource _interruption = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrameCursor? _cursor;
    private volatile bool _isDisconnected;

    public override string? CurrentId => _cursor?.CurrentId;

    public override string? LastId => _cursor?.LastId;

    public override int CurrentCount => _cursor?.CurrentCount ?? 0;

    public override EventStreamProtocol Protocol => opening.Protocol;

    public override bool IsFinal => _cursor is not null;

    public override string? ChannelName => _cursor?.ChannelName;

    public override EndReason EndReason => _isDisconnected ? EndReason.Disconnected : _cursor?.EndReason ?? EndReason.Finished;

    public override ValueTask<bool> MoveNextAsync() => _cursor is null ? OpenAsync() : _cursor.MoveNextAsync();

    public override int WriteCurrent(IBufferWriter<byte> output) => _cursor!.WriteCurrent(output);

    public override int SkipCurrent(IBufferWriter<byte> output) => _cursor!.SkipCurrent(output);

    public override void Interrupt()
    {
        _interruption.TrySetResult();
        Volatile.Read(ref _cursor)?.Interrupt();
    }

    public string? User => opening.User;

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

    private async ValueTask<bool> OpenAsync()
    {
        // Registered before it subscribes, so that a revocation finds it while it waits for the log.
        openings.Add(this);
        if (opening.IsRevokedSince(since)) Disconnect();
        since = null;

        // Again where one of the channels was dropped in between.
        FrameCursor? cursor;
        do
        {
            if (await Task.WhenAny(opening.CatchUpAsync(), _interruption.Task) == _interruption.Task) return false;
            cursor = opening.TryOpen(since: null);
        }
        while (cursor is null);

        Volatile.Write(ref _cursor, cursor);
        Interlocked.MemoryBarrier();
        if (_interruption.Task.IsCompleted) cursor.Interrupt();
        return await cursor.MoveNextAsync();
    }
}
