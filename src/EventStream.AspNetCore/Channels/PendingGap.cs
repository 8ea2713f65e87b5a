using System.Buffers;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A gap that was not announced yet.</summary>
/// <remarks>Owned by its subscriber's loop.</remarks>
/// <param name="history">The history that has the gap.</param>
/// <param name="reason">Why there is a gap.</param>
/// <param name="requested">The text that the client sent, or the position that it had reached.</param>
/// <param name="position">The sequence up to which the subscriber has every message; null if that is not known.</param>
internal sealed class PendingGap(ChannelHistory history, EventStreamGapReason reason, string requested, long? position)
{
    /// <summary>
    /// The state that the client gets in place of the retained messages; null without <c>OnGap</c>, and until it has returned.
    /// </summary>
    public Snapshot? Taken { get; set; }

    /// <summary>
    /// Describes the gap, if every message after <paramref name="after"/> is retained.
    /// </summary>
    public EventStreamGap Describe(long after, long? oldest)
    {
        var shown = requested.Length > EventStreamId.MaxLength ? requested[..EventStreamId.MaxLength] : requested;

        // The channel may have been created since the gap was found.
        var now = history.Present;
        EventStreamPosition? first = oldest is { } sequence ? now.PositionAt(sequence) : null;
        var lost = history.Definition.Options.LatestByKey ? null : after - position;
        return new(history.Name, reason, shown, first, now.PositionAt(now.Newest), lost);
    }

    /// <summary>Writes the protocol's gap event, and returns the number of bytes; 0 if the protocol has none.</summary>
    /// <remarks>Rethrows the exceptions of the protocol's function; then nothing was written.</remarks>
    public int Write(IBufferWriter<byte> output, EventStreamProtocol protocol, EventStreamGap gap, string? id)
    {
        var definition = history.Definition;
        if (protocol.Gap is not { } notice)
        {
            definition.Metrics.GapNotAnnounced(gap.Reason);
            Log.GapNotAnnounced(definition.Host.Logger, history.Name, GapJson.NameOf(gap.Reason));
            return 0;
        }

        var written = FrameEncoder.WriteWithId(output, id, notice.MessageFor(gap), definition.Host.Json);
        CountAnnounced(gap);
        return written;
    }

    /// <summary>Counts an announced gap.</summary>
    public void CountAnnounced(EventStreamGap gap) => history.Definition.Metrics.GapAnnounced(gap.Reason);

    /// <summary>Calls the channel's <c>OnGap</c>, checks its result, and encodes it.</summary>
    /// <param name="onGap">The channel's <c>OnGap</c>.</param>
    /// <param name="page">The page that the subscriber reads in place of the ring; null: it reads the ring.</param>
    /// <param name="reading">The subscriber's reading.</param>
    public async Task<Snapshot> TakeSnapshotAsync(
        Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap, LogPage? page, ChannelReading reading)
    {
        // Yields, because a shard may run this, and the shard's other subscribers would wait if the app's code blocks. Without the caller's
        // context, because other work may wait for that context too.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var oldest = new RingEntry[1];
        long after;
        var hasOldest = (page is null ? history.ReadOldest(oldest, out after) : page.ReadOldest(oldest, out after)).Count > 0;
        var gap = Describe(after, hasOldest ? oldest[0].Sequence : null);
        var snapshot = await onGap(gap, reading.CancellationToken).ConfigureAwait(false);

        // The channel may have been created while OnGap ran.
        var present = history.Present;
        var at = Snapshot.After(snapshot, gap, after, present, reading.Channel.Origin);
        return reading.Protocol is null
            ? SnapshotEntries.Encode(present, gap, at, snapshot)
            : SnapshotFrames.Encode(present, gap, at, snapshot, reading.EventNameOf);
    }
}
