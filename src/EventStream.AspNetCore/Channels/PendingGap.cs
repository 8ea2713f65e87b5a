using System.Buffers;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// A gap that a subscriber is still to be told of: why, and what it had asked for, or come to. Owned by its subscriber's loop.
/// </summary>
/// <param name="history">The history in which it is.</param>
/// <param name="reason">Why.</param>
/// <param name="requested">What the client sent, or the position it had come to.</param>
/// <param name="position">The sequence up to which it has everything; null if that is not known.</param>
internal sealed class PendingGap(ChannelHistory history, EventStreamGapReason reason, string requested, long? position)
{
    /// <summary>The state that the client gets in place of what is retained; null until it is taken, and where there is none.</summary>
    public Snapshot? Taken { get; set; }

    /// <summary>The gap, where everything after <paramref name="after"/> is retained.</summary>
    public EventStreamGap Describe(long after, long? oldest)
    {
        var shown = requested.Length > EventStreamId.MaxLength ? requested[..EventStreamId.MaxLength] : requested;

        // The channel may have been created since the gap was found.
        var now = history.Present;
        EventStreamPosition? first = oldest is { } sequence ? now.PositionAt(sequence) : null;
        var lost = history.Definition.Options.LatestByKey ? null : after - position;
        return new(history.Name, reason, shown, first, now.PositionAt(now.Newest), lost);
    }

    /// <summary>Writes the protocol's event of a gap, and returns how many bytes; 0 if it has none.</summary>
    /// <remarks>Throws what the protocol's function throws; then nothing was written.</remarks>
    public int Tell(IBufferWriter<byte> output, EventStreamProtocol protocol, EventStreamGap gap, string? id)
    {
        var definition = history.Definition;
        if (protocol.Gap is not { } notice)
        {
            definition.Metrics.GapUntold(gap.Reason);
            Log.GapUntold(definition.Host.Logger, history.Name, GapJson.NameOf(gap.Reason));
            return 0;
        }

        var written = FrameEncoder.WriteWithId(output, id, notice.MessageFor(gap), definition.Host.Json);
        CountTold(gap);
        return written;
    }

    /// <summary>Counts a gap that was told.</summary>
    public void CountTold(EventStreamGap gap) => history.Definition.Metrics.GapTold(gap.Reason);

    /// <summary>Takes the state from the channel's <c>OnGap</c>, checks it, and encodes it.</summary>
    /// <param name="onGap">The channel's <c>OnGap</c>.</param>
    /// <param name="page">What is read in place of the ring; null: the ring is.</param>
    /// <param name="reading">Whose gap it is.</param>
    public async Task<Snapshot> TakeSnapshotAsync(
        Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap, LogPage? page, ChannelReading reading)
    {
        // Resumed by a shard, this would hold up the shard's other subscribers if the user's code blocks.
        // Nor does it run in the context of a loop that reads in the process, for which others would wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var oldest = new RingEntry[1];
        long after;
        var hasOldest = (page is null ? history.ReadOldest(oldest, out after) : page.ReadOldest(oldest, out after)).Count > 0;
        var gap = Describe(after, hasOldest ? oldest[0].Sequence : null);
        var snapshot = await onGap(gap, reading.CancellationToken).ConfigureAwait(false);

        // The channel may have been created meanwhile.
        var present = history.Present;
        var at = Snapshot.After(snapshot, gap, after, present, reading.Channel.Origin);
        return reading.Protocol is null
            ? SnapshotEntries.Encode(present, gap, at, snapshot)
            : SnapshotFrames.Encode(present, gap, at, snapshot, reading.EventNameOf);
    }
}
