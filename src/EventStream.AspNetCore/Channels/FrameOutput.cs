using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Writes what a subscriber reads as frames, up to a burst.</summary>
internal sealed class FrameOutput() : SubscriberOutput(BatchSize)
{
    /// <summary>About how much is copied before a flush; more is what a slow reader's pipe would hold back anyway.</summary>
    private const int MaxBurst = 32 * 1024;

    private const int BatchSize = 64;

    // One a thread, because an idle subscriber must not keep a batch.
    [ThreadStatic]
    private static FrameOutput? _free;

    // Of the call that is under way.
    private ChannelReading? _reading;
    private IBufferWriter<byte>? _output;
    private int _written;

    public override bool IsFull => _written >= MaxBurst;

    private EventStreamProtocol Protocol => _reading!.Protocol!;

    /// <summary>Writes what there is, and returns how many bytes.</summary>
    public static int Write(SubscriberReader reader, ChannelReading reading, IBufferWriter<byte> output)
    {
        var frames = _free ?? new FrameOutput();
        _free = null;
        frames._reading = reading;
        frames._output = output;
        frames._written = 0;
        reader.Read(frames);
        frames._reading = null;
        frames._output = null;
        _free = frames;
        return frames._written;
    }

    public override void Write(ref SubscriberPlace place, in RingEntry entry)
    {
        var name = _reading!.EventNameOf(entry.Event);
        _written += name == entry.Event ? place.WriteMessage(_output!, entry) : place.WriteMessage(_output!, entry, name);
    }

    // The id of the gap is the position from which what follows goes on.
    public override bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot)
    {
        var written = pending.Tell(_output!, Protocol, gap, hasSnapshot ? null : place.Id);
        _written += written;
        return written > 0;
    }

    public override void Write(ref SubscriberPlace place, Snapshot snapshot)
    {
        var frames = (SnapshotFrames)snapshot;
        _written += frames.Parts.WriteTo(_output!);
        if (!Protocol.IdOnlyFrames && frames.HasLast) _written += place.WriteIdLine(_output!);
        _written += frames.Last.WriteTo(_output!) + place.Write(_output!, Protocol);
    }

    public override void WritePosition(ref SubscriberPlace place)
    {
        if (place.IsUntold && Protocol.First is { } first) WriteFirst(ref place, first);
        else _written += place.Write(_output!, Protocol);
    }

    /// <summary>Writes what a client gets that there is no message for yet.</summary>
    private void WriteFirst(ref SubscriberPlace place, EventStreamNotice<EventStreamBoundary> first)
    {
        var (id, channel) = (place.Id, _reading!.Channel);
        _written += FrameEncoder.WriteWithId(_output!, id, first.MessageFor(new(channel.Name, id)), channel.Definition.Host.Json);
        place.TellOthers();
        place.Tell();
    }
}
