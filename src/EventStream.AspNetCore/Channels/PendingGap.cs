using System.Buffers;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A gap that a subscriber is still to be told of: why, and what it had asked for, or come to. Owned by its subscriber's loop.</summary>
/// <param name="channel">The channel.</param>
/// <param name="reason">Why.</param>
/// <param name="requested">What the client sent, or the position it had come to.</param>
/// <param name="position">The sequence up to which it has everything; null if that is not known.</param>
internal sealed class PendingGap(EventStreamChannel channel, EventStreamGapReason reason, string requested, long? position)
{
    /// <summary>The state that the client gets in place of what is retained; null until it is taken, and where there is none.</summary>
    public SnapshotFrames? Snapshot { get; set; }

    /// <summary>The gap, where everything after <paramref name="after"/> is retained.</summary>
    public EventStreamGap Describe(long after, long? oldest)
    {
        var shown = requested.Length > EventStreamId.MaxLength ? requested[..EventStreamId.MaxLength] : requested;
        EventStreamPosition? first = oldest is { } sequence ? channel.PositionAt(sequence) : null;
        return new(channel.Name, reason, shown, first, channel.Newest, channel.Options.LatestByKey ? null : after - position);
    }

    /// <summary>Writes the protocol's event of a gap, and returns how many bytes; 0 if it has none.</summary>
    /// <remarks>Throws what the protocol's function throws; then nothing was written.</remarks>
    public static int Tell(
        IBufferWriter<byte> output, EventStreamChannel channel, EventStreamProtocol protocol, EventStreamGap gap, string? id)
    {
        if (protocol.Gap is not { } notice)
        {
            channel.GapIsUntold(gap.Reason);
            return 0;
        }

        var written = FrameEncoder.WriteWithId(output, id, notice.MessageFor(gap), channel.Json);
        channel.Metrics.GapTold(gap.Reason);
        return written;
    }

    /// <summary>Takes the state from the channel's <c>OnGap</c>, checks it, and encodes it.</summary>
    public async Task<SnapshotFrames> TakeSnapshotAsync(
        Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap, LogPage? page, CancellationToken cancellationToken)
    {
        // Resumed by a shard, this would hold up the shard's other subscribers if the user's code blocks.
        await Task.Yield();
        var oldest = new LogEntry[1];
        long after;
        var hasOldest = (page is null ? channel.Log.ReadOldest(oldest, out after) : page.ReadOldest(oldest, out after)).Count > 0;
        var gap = Describe(after, hasOldest ? oldest[0].Sequence : null);
        return SnapshotFrames.Encode(channel, gap, after, await onGap(gap, cancellationToken));
    }
}
