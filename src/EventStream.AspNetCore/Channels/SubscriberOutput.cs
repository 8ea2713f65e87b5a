using System.Buffers;
using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>What one subscriber is sent: the gap before its position, and what follows it in the ring or in a page of the log.</summary>
/// <remarks>Owned by the subscriber's loop. Any thread may read <see cref="Position"/>.</remarks>
internal sealed class SubscriberOutput
{
    /// <summary>About how much is copied before a flush; more is what a slow reader's pipe would hold back anyway.</summary>
    private const int MaxBurst = 32 * 1024;

    private const int BatchSize = 64;

    /// <summary>The batches that one call looks at, so that a filter that rejects everything does not keep it.</summary>
    private const int MaxBatches = 16;

    [ThreadStatic]
    private static RingEntry[]? _batch;

    private readonly ChannelReading _reading;
    private readonly DeliveryPermit _permit;

    // Whether the client had no position: then nothing that was evicted before its first message is lost to it.
    private readonly bool _isNew;
    private SubscriberPlace _place;
    private DeliveryMeasurement _measurement;

    // What the protocol's function of a gap threw. A fault of the stream, because a message that is left out has no gap after it.
    private ExceptionDispatchInfo? _fault;

    public SubscriberOutput(
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

    /// <summary>How many messages were written last.</summary>
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

    /// <summary>Writes what there is, up to a burst.</summary>
    public int Write(IBufferWriter<byte> output)
    {
        Count = 0;
        var written = 0;
        if (Gap is { Snapshot: { } snapshot })
        {
            if (!_permit.MayDeliver()) return 0;
            written = WriteSnapshot(output, snapshot);
            if (_fault is not null) return written;
        }

        var batch = _batch ?? new RingEntry[BatchSize];
        _batch = null;
        var mayDeliver = true;
        var used = 0;
        for (var batches = 0; written < MaxBurst && batches < MaxBatches; batches++)
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
            if (Gap is not null)
            {
                written += WriteGap(output, Gap.Describe(after, read.Count > 0 ? batch[0].Sequence : null), after);
                if (_fault is not null) break;
            }

            var next = 0;
            while (next < read.Count && written < MaxBurst)
            {
                ref readonly var entry = ref batch[next++];

                // First, so that one whose filter throws is behind it if the stream goes on.
                _place.MoveTo(entry.Sequence);
                written += Write(output, entry);
            }

            // Large messages fill a burst before the batch is through: the rest is read again once these are on their way.
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
        _batch = batch;
        if (mayDeliver && Gap is null && _place.IsDue) written += _place.IsUntold ? WriteFirst(output) : WritePosition(output);
        return written;
    }

    /// <summary>Moves the client to where this is, by a frame that dispatches nothing.</summary>
    public int WritePosition(IBufferWriter<byte> output) => _place.Write(output, _reading.Protocol);

    private RingRead Read(Span<RingEntry> into, out long after)
    {
        after = Position;
        if (Page is not null) return Gap is null ? Page.Read(after, into) : Page.ReadOldest(into, out after);
        return Gap is null ? History.Read(after, into) : History.ReadOldest(into, out after);
    }

    private PendingGap GapHere(EventStreamGapReason reason) => new(History, reason, _place.Id, Position);

    private int Write(IBufferWriter<byte> output, in RingEntry entry)
    {
        if (!_reading.Accepts(entry)) return 0;
        var name = _reading.EventNameOf(entry.Event);
        Count++;
        _measurement.Written(entry);
        return name == entry.Event ? _place.WriteMessage(output, entry) : _place.WriteMessage(output, entry, name);
    }

    /// <summary>Writes what a client gets that there is no message for yet.</summary>
    private int WriteFirst(IBufferWriter<byte> output)
    {
        if (_reading.Protocol.First is not { } first) return WritePosition(output);
        var id = _place.Id;
        int written;
        try
        {
            written = FrameEncoder.WriteWithId(output, id, first.MessageFor(new(Channel.Name, id)), Channel.Definition.Host.Json);
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
            return 0;
        }

        _place.TellOthers();
        _place.Tell();
        return written;
    }

    // The id of the gap is the position from which what follows goes on.
    private int WriteGap(IBufferWriter<byte> output, EventStreamGap gap, long after)
    {
        _place.MoveTo(after);
        if (!TryTell(output, gap, _place.Id, out var written)) return 0;
        _place.TellOthers();
        return written;
    }

    // The client gets the position only with the end of the snapshot: if it is cut in the middle, it gets the gap again.
    private int WriteSnapshot(IBufferWriter<byte> output, SnapshotFrames snapshot)
    {
        if (!TryTell(output, snapshot.Gap, id: null, out var written)) return 0;
        _place.MoveTo(snapshot.At);
        Page = null;
        Metrics.SnapshotSent(isOvertaken: snapshot.At < Channel.BeforeOldestOf(History));
        written += snapshot.Parts.WriteTo(output);
        if (!_reading.Protocol.IdOnlyFrames && snapshot.HasLast) written += _place.WriteIdLine(output);
        return written + snapshot.Last.WriteTo(output) + WritePosition(output);
    }

    /// <summary>Tells the client of the gap, or notes that its protocol has no event for one.</summary>
    /// <returns>False if the protocol's function failed.</returns>
    private bool TryTell(IBufferWriter<byte> output, EventStreamGap gap, string? id, out int written)
    {
        written = 0;
        try
        {
            written = Gap!.Tell(output, _reading.Protocol, gap, id);
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
            return false;
        }

        if (written > 0) Count++;
        _place.Tell();
        Gap = null;
        return true;
    }
}
