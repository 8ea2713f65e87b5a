using System.Buffers;
using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Channels;

/// <summary>What one subscriber reads: the gap before its position, and what follows it in the ring or in a page of the log.</summary>
/// <remarks>
/// It decides; a <see cref="SubscriberOutput"/> puts out what it has found. Owned by the subscriber's loop. Any thread may read
/// <see cref="Position"/>.
/// </remarks>
internal sealed class SubscriberReader
{
    /// <summary>The batches that one call looks at, so that a filter that rejects everything does not keep it.</summary>
    private const int MaxBatches = 16;

    private readonly ChannelReading _reading;
    private readonly DeliveryPermit _permit;

    // Whether the client had no position: then nothing that was evicted before its first message is lost to it.
    private readonly bool _isNew;
    private SubscriberPlace _place;
    private DeliveryMeasurement _measurement;

    // What the protocol's function of a gap, or of the first position, threw. A fault of the stream, because a message that is left out
    // has no gap after it.
    private ExceptionDispatchInfo? _fault;

    public SubscriberReader(
        ChannelReading reading,
        DeliveryPermit permit,
        ChannelHistory history,
        MergedId? mergedId,
        int index,
        Resume resume,
        string? requested)
    {
        _reading = reading;
        _permit = permit;
        var start = reading.Subscription?.Start ?? Options.Start ?? (history.IsOfRun ? EventStreamStart.Oldest : EventStreamStart.Now);
        var window = Channel.WindowOf(history, start.Count);
        var point = ResumePolicy.Decide(resume, start, window);
        _measurement = new(Metrics, window.Newest);
        _isNew = requested is null;
        _place = new(Channel, history, mergedId, index, point.After);
        if (point.Gap is { } reason) Gap = new(history, reason, requested ?? "", point.Has);

        // Until the gap is announced, ids that other channels of the connection write must lead back to it.
        mergedId?.Begin(index, Gap is null ? Position : resume.IsPosition ? resume.Sequence : Positions.MaxSequence);
    }

    /// <summary>The sequence up to which everything was written, or passed over.</summary>
    public long Position => _place.Position;

    public string? LastId => _place.LastId;

    /// <summary>Whether nothing was told yet, not even where it begins.</summary>
    public bool IsUntold => _place.IsUntold;

    /// <summary>How many messages were put out last.</summary>
    public int Count { get; private set; }

    /// <summary>The gap that the client is still to be told of; null if there is none.</summary>
    public PendingGap? Gap { get; private set; }

    /// <summary>What is read in place of the channel's ring, which does not go back as far; null: the ring is read.</summary>
    public LogPage? Page { get; private set; }

    /// <summary>Whether what follows is further back than the ring goes.</summary>
    public bool NeedsPage => Page is null && Channel.GoesBehindRing && Position < History.BeforeOldest;

    /// <summary>Whether there is something to write.</summary>
    public bool HasSome => Gap is not null || _place.IsUntold || History.Newest > Position;

    public ChannelHistory History => _place.History;

    private ChannelBacking Channel => _reading.Channel;

    private EventStreamChannelOptions Options => Channel.Definition.Options;

    private ChannelMetrics Metrics => Channel.Definition.Metrics;

    /// <summary>Reports the delivery of what was flushed, and throws what is a fault of the stream.</summary>
    public void Flushed()
    {
        _measurement.Flushed();
        _fault?.Throw();
    }

    /// <summary>Goes on in the history that follows this one, if there is one.</summary>
    public void Follow() => _place.Follow();

    /// <summary>Goes on with a page of the log that follows the position, and finds out whether something before it is lost.</summary>
    public void Take(LogPage page)
    {
        if (page.BeforeOldest > Position)
        {
            var reason = _place.IsUntold ? EventStreamGapReason.Evicted : EventStreamGapReason.Slow;
            if (Gap is null && !(_isNew && _place.IsUntold)) Gap = GapHere(reason);
            _place.MoveTo(page.After);
        }

        if (page.Through > Position) Page = page;

        // A log that has less than this node's memory was set back: what is in between is lost.
        else if (Position < History.BeforeOldest) Gap ??= GapHere(EventStreamGapReason.Evicted);
    }

    /// <summary>Drops the page, because what it has may be dropped from the log by now.</summary>
    public void DropPage() => Page = null;

    /// <summary>Has what there is put out, until the output is full.</summary>
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
            // A gap and what follows it are read at once: the ring could move on in between, and a second gap follow the first.
            var read = Read(batch, out var after);
            if (read.IsGap)
            {
                // Not lost, but further back than the ring goes.
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

                // First, so that one whose filter throws is behind it if the stream goes on.
                _place.MoveTo(entry.Sequence);
                Write(output, entry);
            }

            // Large messages fill the output before the batch is through: the rest is read again once these are on their way.
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
        if (mayDeliver && Gap is null && _place.IsDue) TryWritePosition(output);
    }

    /// <summary>Moves the client to where this is, by a frame that dispatches nothing.</summary>
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
        _measurement.Written(entry);
        output.Write(ref _place, entry);
    }

    private bool TryWriteGap(SubscriberOutput output, EventStreamGap gap, long after)
    {
        _place.MoveTo(after);
        if (!TryTell(output, gap, hasSnapshot: false)) return false;
        _place.TellOthers();
        return true;
    }

    // The client gets the position only with the end of the snapshot: if it is cut in the middle, it gets the gap again.
    private bool TryWrite(SubscriberOutput output, Snapshot snapshot)
    {
        if (!TryTell(output, snapshot.Gap, hasSnapshot: true)) return false;
        _place.MoveTo(snapshot.At);
        Page = null;
        Metrics.SnapshotSent(isOvertaken: snapshot.At < Channel.BeforeOldestOf(History));
        output.Write(ref _place, snapshot);
        return true;
    }

    /// <summary>Tells of the gap, or notes that the protocol has no event for one.</summary>
    /// <returns>False if the protocol's function failed.</returns>
    private bool TryTell(SubscriberOutput output, EventStreamGap gap, bool hasSnapshot)
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

        _place.Tell();
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
