using System.Buffers;
using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Channels;

/// <summary>Reads one subscriber's gap and the messages that follow its position, from the ring or a page of the log.</summary>
/// <remarks>
/// A <see cref="SubscriberOutput"/> writes the result. Owned by the subscriber's loop. Any thread may read <see cref="Position"/>.
/// </remarks>
internal sealed class SubscriberReader
{
    /// <summary>The most batches of one call, because a filter that rejects every message would otherwise block the thread.</summary>
    private const int MaxBatches = 16;

    private readonly ChannelReading _reading;

    // Whether the client had no position. Then messages that were evicted before its first message are no gap.
    private readonly bool _isNew;
    private SubscriberPlace _place;
    private DeliveryPermit _permit;
    private DeliveryMeasurement _measurement;

    // The exception of the protocol's function for a gap, or for the first position. It is a fault of the stream, and cannot be skipped,
    // because a skipped gap would not be announced again.
    private ExceptionDispatchInfo? _fault;

    public SubscriberReader(
        ChannelReading reading,
        ChannelHistory history,
        MergedId? mergedId,
        int index,
        Resume resume,
        string? requested)
    {
        _reading = reading;
        _permit = new(reading.Stream.IsNamed ? reading.Channel.Lease : null);
        var start = reading.Subscription?.Start ?? Options.Start ?? (history.IsOfRun ? EventStreamStart.Oldest : EventStreamStart.Now);
        var window = Channel.WindowOf(history, start.Count);
        var point = ResumePolicy.Decide(resume, start, window);
        _measurement = new(window.Newest);
        _isNew = requested is null;
        _place = new(history, mergedId, index, point.After);
        if (point.Gap is { } reason) Gap = new(history, reason, requested ?? "", point.Has);

        // Until the gap is announced, the ids that other channels of the stream write must resume before it.
        mergedId?.Begin(index, Gap is null ? Position : resume.IsPosition ? resume.Sequence : Positions.MaxSequence);
    }

    /// <summary>Whether the messages that were read may be written.</summary>
    public ref DeliveryPermit Permit => ref _permit;

    /// <summary>The sequence up to which every message was written, or skipped.</summary>
    public long Position => _place.Position;

    public string? LastId => _place.LastId;

    /// <summary>Whether no position was sent yet, not even the one at which it begins.</summary>
    public bool IsUnsent => _place.IsUnsent;

    /// <summary>How many messages the last call wrote.</summary>
    public int Count { get; private set; }

    /// <summary>The gap that was not announced yet; null if there is none.</summary>
    public PendingGap? Gap { get; private set; }

    /// <summary>The page that is read while the ring has evicted the position; null: the ring is read.</summary>
    public LogPage? Page { get; private set; }

    /// <summary>Whether the ring has evicted the next messages, and a log may have them.</summary>
    public bool NeedsPage => Page is null && Channel.GoesBehindRing && Position < History.BeforeOldest;

    /// <summary>Whether there is anything to write.</summary>
    public bool HasSome => Gap is not null || _place.IsUnsent || History.Newest > Position;

    public ChannelHistory History => _place.History;

    public ChannelReading Reading => _reading;

    private ChannelBacking Channel => _reading.Channel;

    private EventStreamChannelOptions Options => Channel.Definition.Options;

    private ChannelMetrics Metrics => Channel.Definition.Metrics;

    /// <summary>Measures the delivery of the flushed messages, and throws a fault of the protocol's functions.</summary>
    public void Flushed()
    {
        _measurement.Flushed(Metrics);
        _fault?.Throw();
    }

    /// <summary>Continues in the history's successor, if there is one.</summary>
    public void Follow() => _place.Follow();

    /// <summary>Continues with a page of the log, and finds the gap before it.</summary>
    public void Take(LogPage page)
    {
        if (page.BeforeOldest > Position)
        {
            var reason = _place.IsUnsent ? EventStreamGapReason.Evicted : EventStreamGapReason.Slow;
            if (Gap is null && !(_isNew && _place.IsUnsent)) Gap = GapHere(reason);
            _place.MoveTo(page.After);
        }

        if (page.Through > Position) Page = page;

        // The log has fewer messages than this node's memory, because it was set back: the messages in between are lost.
        else if (Position < History.BeforeOldest) Gap ??= GapHere(EventStreamGapReason.Evicted);
    }

    /// <summary>Drops the page, because the log may have evicted its messages by now.</summary>
    public void DropPage() => Page = null;

    /// <summary>Writes the available messages to an output, until it is full.</summary>
    public void Read(SubscriberOutput output)
    {
        Count = 0;
        if (Gap is { Taken: { } snapshot })
        {
            if (!_permit.MayDeliver() || !TryWrite(output, snapshot)) return;
        }

        var batch = output.Batch;
        var mayDeliver = true;
        var used = 0;
        for (var batches = 0; !output.IsFull && batches < MaxBatches; batches++)
        {
            // Reads a gap together with the messages that follow it. Otherwise the ring could evict these in between, and a second gap
            // would follow the first.
            var read = Read(batch, out var after);
            if (read.IsGap)
            {
                // Not lost: a page of the log has them.
                if (Channel.GoesBehindRing) break;
                Gap = GapHere(EventStreamGapReason.Slow);
                if (Options.OnGap is not null) break;
                continue;
            }

            used = Math.Max(used, read.Count);
            mayDeliver = _permit.MayDeliver();
            if (!mayDeliver) break;
            if (Gap is not null && !TryWriteGap(output, Gap.Describe(after, read.Count > 0 ? batch[0].Sequence : null), after)) break;

            var next = 0;
            while (next < read.Count && !output.IsFull)
            {
                ref readonly var entry = ref batch[next++];

                // Before the write, so that a message whose filter throws is not read again if the stream continues.
                _place.MoveTo(entry.Sequence);
                Write(output, entry);
            }

            // Large messages filled the output before the end of the batch. The rest is read again after they are flushed.
            if (next < read.Count) break;
            _place.MoveTo(read.Position);
            if (Page?.Through <= read.Position)
            {
                Page = null;
                break;
            }

            if (read.Count < batch.Length) break;
        }

        batch.AsSpan(0, used).Clear();
        if (mayDeliver && Gap is null && _place.IsDueIn(Channel)) TryWritePosition(output);
    }

    /// <summary>Sends the position by a frame with only an id.</summary>
    public int WritePosition(IBufferWriter<byte> output) => _place.Write(output, _reading.Protocol!);

    private RingRead Read(Span<RingEntry> into, out long after)
    {
        after = Position;
        if (Page is not null) return Gap is null ? Page.Read(after, into) : Page.ReadOldest(into, out after);
        return Gap is null ? History.Read(after, into) : History.ReadOldest(into, out after);
    }

    private PendingGap GapHere(EventStreamGapReason reason) => new(History, reason, _place.Id, Position);

    private void Write(SubscriberOutput output, in RingEntry entry)
    {
        if (!_reading.Accepts(entry, History)) return;
        Count++;
        _measurement.Written(entry, Metrics);
        output.Write(ref _place, entry);
    }

    private bool TryWriteGap(SubscriberOutput output, EventStreamGap gap, long after)
    {
        _place.MoveTo(after);
        if (!TryAnnounce(output, gap, hasSnapshot: false)) return false;
        _place.UpdateMergedId();
        return true;
    }

    // The client gets the position only with the end of the snapshot. If its connection breaks before, it gets the gap again.
    private bool TryWrite(SubscriberOutput output, Snapshot snapshot)
    {
        if (!TryAnnounce(output, snapshot.Gap, hasSnapshot: true)) return false;
        _place.MoveTo(snapshot.At);
        Page = null;
        Metrics.SnapshotSent(isOvertaken: snapshot.At < Channel.BeforeOldestOf(History));
        output.Write(ref _place, snapshot);
        return true;
    }

    /// <summary>Announces the gap, or notes that the protocol has no event for it.</summary>
    /// <returns>False if the protocol's function failed.</returns>
    private bool TryAnnounce(SubscriberOutput output, EventStreamGap gap, bool hasSnapshot)
    {
        try
        {
            if (output.TryWrite(ref _place, Gap!, gap, hasSnapshot)) Count++;
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
            return false;
        }

        _place.MarkSent();
        Gap = null;
        return true;
    }

    private void TryWritePosition(SubscriberOutput output)
    {
        try
        {
            output.WritePosition(ref _place);
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
